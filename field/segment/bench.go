package segment

// Forget drops what the view keeps of conditions that were asked before, to measure what they cost the first time.
func (v *View) Forget() {
	v.shared.cache.mu.Lock()
	defer v.shared.cache.mu.Unlock()
	v.shared.cache.forget()
}

// Columns returns how many columns the files hold.
func (v *View) Columns() int { return len(v.cols) + len(v.votes) }

// MappedBytes returns how many bytes the columns and rows of the view take.
func (v *View) MappedBytes() int64 {
	n := int64(0)
	add := func(c *column) {
		for b := range c.blocks {
			if k := &c.blocks[b]; k.min != k.max {
				n += int64(c.width * k.len())
			}
		}
	}
	for _, c := range v.cols {
		add(c)
	}
	for _, e := range v.votes {
		add(e.col)
	}
	return n + 12*int64(v.rows) + 16*int64(len(v.gen.homeKeys))
}
