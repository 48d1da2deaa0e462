package person

import (
	"context"
	"slices"
	"strings"
)

// oneName takes a single word as a last name and as a first name: as typed, as the part of one, begun, a nickname, misspelled. When
// very many people have it as either, each has half of what is shown.
func (s *finder) oneName(ctx context.Context) error {
	w := s.q.names[0]
	lasts, err := s.p.byOne(ctx, s.f, lastWord, []string{w}, s.narrow(), MostHits+1)
	if err != nil {
		return err
	}
	parts, err := s.p.byPart(ctx, s.f, w, MostHits+1)
	if err != nil {
		return err
	}
	firsts, err := s.p.byOne(ctx, s.f, firstWord, []string{w}, s.narrow(), MostHits+1)
	if err != nil {
		return err
	}
	lasts = append(lasts, parts...)
	if room := max(MostHits/2, MostHits-len(firsts)); len(lasts) > room {
		lasts, s.more = lasts[:room], true
	}
	s.take(lasts, MostHits+1)
	s.takeFirsts(firsts, MostHits+1)
	if len(s.hits) >= enough {
		return nil
	}
	return s.oneNameRoughly(ctx, w)
}

func (s *finder) oneNameRoughly(ctx context.Context, w string) error {
	if like := wordsOf(s.roughly(lastWord, 12)(w)); len(like) > 0 {
		rows, err := s.p.byOne(ctx, s.f, lastWord, like, s.narrow(), 2*MostHits)
		if err != nil {
			return err
		}
		s.take(rows, 2*MostHits)
	}
	known := s.exactly(firstWord)
	var like []string
	for _, nick := range nicknameOf[w] {
		like = append(like, wordsOf(known(nick))...)
	}
	like = append(like, wordsOf(s.roughly(firstWord, 12)(w))...)
	if len(like) == 0 {
		return nil
	}
	rows, err := s.p.byOne(ctx, s.f, firstWord, like, s.narrow(), 2*MostHits)
	s.takeFirsts(rows, 2*MostHits)
	return err
}

// narrow is what was typed beside the one name.
func (s *finder) narrow() narrow {
	n := narrow{zip: s.q.zip}
	if s.score.useYear {
		n.year = s.q.year
	}
	return n
}

// takeFirsts scores rows by their first names alone.
func (s *finder) takeFirsts(rows []row, most int) {
	s.more = s.more || len(rows) >= most
	for i := range rows {
		if r := s.score.scoreFirst(&rows[i]); r.cost <= costMost {
			s.keep(rows[i], r)
		}
	}
}

// emailBegins is how many letters of an email address the index knows: fewer are not looked up.
const emailBegins = 5

// nearEmails is how many addresses that begin alike are compared with a misspelled one.
const nearEmails = 1000

// email finds the address as typed, or those who may browse what begins so, or else addresses a few letters off or
// of the same name elsewhere.
func (s *finder) email(ctx context.Context) error {
	whole := strings.Contains(s.q.email, "@")
	ids, err := s.p.byEmail(ctx, s.f, s.q.email, !whole || s.browse, MostHits+1)
	if err != nil || len(ids) > 0 || !whole {
		return s.takeIDs(ctx, ids, err, same)
	}
	begun, err := s.p.emailsBegun(ctx, s.f, s.q.email[:emailBegins], nearEmails)
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(s.q.email, "@")
	elsewhere := []int64{}
	for _, e := range begun {
		switch {
		case distance(e.Email, s.q.email, 2) <= 2:
			ids = append(ids, e.Person)
		case strings.HasPrefix(e.Email, name+"@"):
			elsewhere = append(elsewhere, e.Person)
		}
	}
	if err := s.takeIDs(ctx, ids, nil, near); err != nil {
		return err
	}
	return s.takeIDs(ctx, elsewhere, nil, far)
}

func (s *finder) takeIDs(ctx context.Context, ids []int64, err error, cost int) error {
	if err != nil || len(ids) == 0 {
		return err
	}
	slices.Sort(ids)
	rows, err := s.p.byIDs(ctx, s.f, slices.Compact(ids), MostHits+1)
	return s.takeAs(rows, err, cost, WhyEmail)
}
