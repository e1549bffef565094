// A disk that is slow or fails, for programs that link this: it stands before libc's fdatasync(2)
// and pwrite64(2), which is what SQLite writes with.
#pragma once

namespace termd::test::disk {

void hold_syncs();     // from now on every sync waits
void release_syncs();  // those that wait go on, and no other waits
int syncs_waiting();
void fail_writes(int error_number);  // from now on; 0: never mind
void fail_syncs(int error_number);

}  // namespace termd::test::disk
