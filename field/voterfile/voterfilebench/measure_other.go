//go:build !unix

package voterfilebench

import "time"

// processorTime is not known here.
func processorTime() time.Duration { return 0 }
