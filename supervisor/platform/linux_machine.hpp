// The machine termd runs on, as the engine sees it.
#pragma once

#include <string>

#include "supervisor/engine/ports.hpp"

namespace termd::platform {

class linux_machine final : public engine::machine {
  public:
    linux_machine(std::string address, std::string path);

    boot_time boot_now() override;
    wall_time wall_now() override;
    void fill_random(std::span<std::uint8_t> out) override;
    bool port_is_free(int port) override;
    std::string find_program(const std::string& name) override;
    std::string key_problem(const std::string& path) override;
    bool can_read(const std::string& path) override;
    std::string boot_id() override { return boot_id_; }

  private:
    std::string address_;
    std::string path_;
    std::string boot_id_;
};

}  // namespace termd::platform
