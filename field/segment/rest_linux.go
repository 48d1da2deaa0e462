package segment

import "syscall"

// rest lets go of the pages of a mapped file that were read only to check it: the system keeps them in its own cache as long as it likes, and
// whoever asks has them back without the disk.
func rest(b []byte) {
	if len(b) > 0 {
		_ = syscall.Madvise(b, syscall.MADV_DONTNEED)
	}
}
