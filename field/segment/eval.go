package segment

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/list"
)

// ErrFence is returned for a plan that asks about what its organisation may not see. list.Check refuses such a criteria first; this is the fence behind it.
var ErrFence = errors.New("the organization may not ask about this")

// StepCount says what a step did: how many people were there after it, of those before it how many stayed and how many went, and how many came.
type StepCount struct {
	People, Kept, Dropped, Added int64
}

// Result is what a plan found.
type Result struct {
	Set   *Set
	Steps []StepCount // one for each step of the plan
	Epoch int64       // the ledger number up to which the view knew of changes
	view  *View
	plan  list.Plan
}

// Counts is exact.
type Counts struct {
	People int64
	Doors  int64 // distinct households
	Phones int64 // distinct right numbers
	Emails int64 // distinct right addresses
}

// View returns the view that was asked.
func (r *Result) View() *View { return r.view }

// Counts counts what was found.
func (r *Result) Counts(ctx context.Context) (Counts, error) {
	return r.view.CountSet(ctx, r.plan.Universe, r.Set)
}

// CountSet counts the people of a set and their doors, phones and e-mail addresses, as an organisation knows them.
func (v *View) CountSet(ctx context.Context, u list.Universe, s *Set) (n Counts, err error) {
	defer v.guard(&err)()
	defer runtime.KeepAlive(v)
	if s.gen != v.gen {
		return Counts{}, ErrOther
	}
	c := v.compiler(ctx, u)
	n = Counts{People: s.Len(), Doors: v.countDoors(s)}
	if n.Phones, err = v.countReach(c, s, change.Phone); err != nil {
		return n, fmt.Errorf("counting phone numbers: %w", err)
	}
	if n.Emails, err = v.countReach(c, s, change.Email); err != nil {
		return n, fmt.Errorf("counting e-mail addresses: %w", err)
	}
	return n, nil
}

func (v *View) compiler(ctx context.Context, u list.Universe) *compiler {
	return &compiler{ctx: ctx, v: v, u: u}
}

// Eval finds who a plan describes.
func (v *View) Eval(ctx context.Context, p list.Plan) (r *Result, err error) {
	defer v.guard(&err)()
	defer runtime.KeepAlive(v)
	if p.Universe.VoterFile != v.gen.file {
		return nil, fmt.Errorf("%w: voter file %d by a plan for %d", ErrFence, v.gen.file, p.Universe.VoterFile)
	}
	s, steps, err := v.compiler(ctx, p.Universe).steps(p.Steps)
	if err != nil {
		return nil, fmt.Errorf("counting on voter file %d: %w", v.gen.file, err)
	}
	return &Result{Set: s, Steps: steps, Epoch: v.epoch, view: v, plan: p}, nil
}

// byPerson reports whether a step decides for each person without the others. Such steps are evaluated together, block by block.
func byPerson(d list.Do) bool {
	return d == list.Start || d == list.Add || d == list.Narrow || d == list.Remove
}

// steps evaluates a chain of steps.
func (c *compiler) steps(all []list.Step) (*Set, []StepCount, error) {
	s := c.v.newSet()
	counts := make([]StepCount, len(all))
	for i := 0; i < len(all); {
		if err := c.ctx.Err(); err != nil {
			return nil, nil, err
		}
		if byPerson(all[i].Do) {
			end := i + 1
			for end < len(all) && byPerson(all[end].Do) {
				end++
			}
			if err := c.together(s, all[i:end], counts[i:end]); err != nil {
				return nil, nil, err
			}
			i = end
			continue
		}
		before := s.Len()
		next, err := c.apart(s, all[i])
		if err != nil {
			return nil, nil, err
		}
		s = next
		counts[i] = stepCount(before, s.Len(), all[i].Do == list.Households)
		i++
	}
	return s, counts, nil
}

func stepCount(before, after int64, adds bool) StepCount {
	if adds {
		return StepCount{People: after, Kept: before, Added: after - before}
	}
	return StepCount{People: after, Kept: after, Dropped: before - after}
}

// together evaluates steps that decide person by person.
func (c *compiler) together(s *Set, steps []list.Step, counts []StepCount) error {
	ops := make([]op, len(steps))
	for i, st := range steps {
		var err error
		if ops[i], err = c.node(st.Where); err != nil {
			return err
		}
	}
	before := s.Len()
	in := c.universe()
	partial := make([][]int, c.v.blocks())
	c.v.run(func(x *scratch, b int) {
		w := s.block(b)
		after := make([]int, len(steps))
		t := x.get()
		for i, st := range steps {
			c.step(x, b, w, t, st.Do, in, ops[i])
			after[i] = countWords(w)
		}
		x.put(t)
		partial[b] = after
	})
	for i, st := range steps {
		after := int64(0)
		for _, p := range partial {
			after += int64(p[i])
		}
		counts[i] = stepCount(before, after, st.Do == list.Add || st.Do == list.Start)
		before = after
	}
	return nil
}

// step changes the bits w of block b; t is memory.
func (c *compiler) step(x *scratch, b int, w, t *words, do list.Do, in, where op) {
	switch do {
	case list.Start:
		ones(c.v.rows, b, w)
		in.and(x, b, w)
		where.and(x, b, w)
	case list.Add:
		ones(c.v.rows, b, t)
		for i := range t {
			t[i] &^= w[i]
		}
		in.and(x, b, t)
		where.and(x, b, t)
		for i := range t {
			w[i] |= t[i]
		}
	case list.Narrow:
		where.and(x, b, w)
	case list.Remove:
		*t = *w
		where.and(x, b, t)
		for i := range t {
			w[i] &^= t[i]
		}
	}
}

// apart evaluates a step that needs the whole set.
func (c *compiler) apart(s *Set, st list.Step) (*Set, error) {
	switch st.Do {
	case list.Households:
		return c.households(s, st.Where)
	case list.OnePerHousehold:
		return c.v.choose(s, st.Prefer), nil
	case list.Sample:
		return c.v.draw(s, st, func(int64) (int64, int64) { return 0, st.Take }), nil
	case list.Part:
		p, q := int64(st.Part), int64(st.Parts)
		return c.v.draw(s, st, func(n int64) (int64, int64) { return (p - 1) * n / q, p * n / q }), nil
	}
	return nil, fmt.Errorf("a plan with a step %q, which segments do not know", st.Do)
}

// households adds who lives with somebody in s and meets where.
func (c *compiler) households(s *Set, where list.Node) (*Set, error) {
	o, err := c.node(where)
	if err != nil {
		return nil, err
	}
	out := &Set{gen: s.gen, bits: slices.Clone(s.bits)}
	c.v.flood(out)
	in := c.universe()
	c.v.run(func(x *scratch, b int) {
		w := out.block(b)
		in.and(x, b, w)
		o.and(x, b, w)
		for i, y := range s.block(b) {
			w[i] |= y
		}
	})
	return out, nil
}

// DoorsOf counts the distinct households of a set's people.
func (v *View) DoorsOf(s *Set) int64 {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // what a damaged file ends is this call
	defer runtime.KeepAlive(v)
	if s.gen != v.gen {
		return 0
	}
	return v.countDoors(s)
}
