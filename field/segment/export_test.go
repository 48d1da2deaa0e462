package segment

import "time"

// LookAgain makes the next Follow look at the files, however short the last time is ago.
func (e *Engine) LookAgain() {
	for _, r := range e.loaded() {
		r.mu.Lock()
		r.seen = time.Time{}
		r.mu.Unlock()
	}
}
