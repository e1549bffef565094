#include "common/digest.hpp"

#include <sys/types.h>

#include <sha256.h>

namespace termd {

digest sha256(std::string_view bytes) {
    SHA256_CTX context;
    digest out{};
    SHA256_Init(&context);
    SHA256_Update(&context, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    SHA256_Final(out.data(), &context);
    return out;
}

}  // namespace termd
