//go:build !unix

package segmentbench

import "time"

// processorTime is not measured here.
func processorTime() time.Duration { return 0 }

// mostMemory is not measured here.
func mostMemory() int64 { return 0 }
