package list

import "pgregory.net/rapid"

// genCriteria draws any criteria that is sound by itself and that the world knows all names of.
func genCriteria() *rapid.Generator[Criteria] {
	return rapid.Custom(func(t *rapid.T) Criteria {
		c := Criteria{Version: Version, Steps: []Step{{Do: Start}}}
		if rapid.Bool().Draw(t, "where") {
			c.Steps[0].Where = genNode(3).Draw(t, "start")
		}
		for range rapid.IntRange(0, 4).Draw(t, "steps") {
			c.Steps = append(c.Steps, genStep(t))
		}
		return c
	})
}

func genStep(t *rapid.T) Step {
	seed := rapid.Int64Range(0, 1<<31-2)
	switch do := rapid.SampledFrom([]Do{Add, Narrow, Remove, Households, OnePerHousehold, Sample, Part}).Draw(t, "do"); do {
	case OnePerHousehold:
		return Step{Do: do, Prefer: rapid.SampledFrom([]Prefer{Oldest, Youngest, MostVotes, LastToSignUp}).Draw(t, "prefer")}
	case Sample:
		return Step{Do: do, Take: rapid.Int64Range(1, 5000).Draw(t, "take"), Seed: seed.Draw(t, "seed"), Whole: rapid.Bool().Draw(t, "whole")}
	case Part:
		parts := rapid.IntRange(2, 1000).Draw(t, "parts")
		return Step{Do: do, Part: rapid.IntRange(1, parts).Draw(t, "part"), Parts: parts, Seed: seed.Draw(t, "seed"), Whole: rapid.Bool().Draw(t, "whole")}
	case Households:
		if rapid.Bool().Draw(t, "all") {
			return Step{Do: do}
		}
		return Step{Do: do, Where: genNode(2).Draw(t, "where")}
	default:
		return Step{Do: do, Where: genNode(2).Draw(t, "where")}
	}
}

func genNode(depth int) *rapid.Generator[Node] {
	return rapid.Custom(func(t *rapid.T) Node {
		if depth == 0 || rapid.IntRange(0, 9).Draw(t, "leaf") < 6 {
			return genCriterion(t)
		}
		all := rapid.SliceOfN(genNode(depth-1), 0, 3)
		switch rapid.IntRange(0, 3).Draw(t, "list") {
		case 0:
			return All(all.Draw(t, "all"))
		case 1:
			return Any(all.Draw(t, "any"))
		case 2:
			return None(all.Draw(t, "none"))
		default:
			return LivesWith{genNode(depth-1).Draw(t, "who")}
		}
	})
}

func some2[T any](t *rapid.T, name string, of ...T) []T {
	return rapid.SliceOfN(rapid.SampledFrom(of), 1, 3).Draw(t, name)
}

func maybe2[T any](t *rapid.T, name string, of ...T) []T {
	if rapid.Bool().Draw(t, name+"?") {
		return nil
	}
	return some2(t, name, of...)
}

// genBounds draws bounds of which at least one may be missing.
func genBounds(t *rapid.T, from, to int64) (*int64, *int64) {
	a, b := rapid.Int64Range(from, to).Draw(t, "from"), rapid.Int64Range(from, to).Draw(t, "to")
	a, b = min(a, b), max(a, b)
	switch rapid.IntRange(0, 3).Draw(t, "bounds") {
	case 0:
		return &a, nil
	case 1:
		return nil, &b
	case 2:
		return nil, nil
	}
	return &a, &b
}

func genDays(t *rapid.T) Days {
	switch rapid.IntRange(0, 3).Draw(t, "days") {
	case 0:
		return Days{Within: rapid.Int64Range(1, 400).Draw(t, "within")}
	case 1:
		return Days{Since: 20260101, Until: 20260331}
	case 2:
		return Days{Since: 20260901}
	}
	return Days{}
}

func small(n *int64) *int {
	if n == nil {
		return nil
	}
	return ptr(int(*n))
}

func genCriterion(t *rapid.T) Node {
	switch rapid.IntRange(0, 18).Draw(t, "criterion") {
	case 0:
		return Is{Status, some2(t, "status", "active", "inactive", "")}
	case 1:
		return Is{Party, some2(t, "party", "DEM", "REP", "LIB", "")}
	case 2:
		attr := rapid.SampledFrom([]Attr{County, Precinct, City, ZIP, Congress, StateSenate, StateHouse, Municipality, "district:school"}).Draw(t, "where")
		return Is{attr, some2(t, "value", "063", "PORT ANSEL", "063/12-01", "7", "a&b")}
	case 3:
		from, to := genBounds(t, 18, 100)
		return Between{Age, from, to}
	case 4:
		from, to := genBounds(t, 0, 12)
		return Between{rapid.SampledFrom([]Attr{HouseholdSize, VotesCast}).Draw(t, "attr"), from, to}
	case 5:
		return Between{rapid.SampledFrom([]Attr{Birth, RegisteredOn}).Draw(t, "attr"), ptr(int64(19800101)), ptr(int64(20201231))}
	case 6:
		return Known{rapid.SampledFrom([]Attr{Status, Party, Sex, Age, Birth, City, Door, Place, VotesCast, "district:school"}).Draw(t, "attr")}
	case 7:
		return Name{rapid.SampledFrom([]string{"first", "last"}).Draw(t, "part"), rapid.Bool().Draw(t, "begins"), some2(t, "names", "Ortiz", "O'Neal", "Núñez")}
	case 8:
		return genVoted(t)
	case 9:
		return Inside{[][][2]float64{{{-78.65, 35.77}, {-78.63, 35.77}, {-78.63, 35.79}}}}
	case 10:
		return Near{-78.64, 35.78, rapid.Int64Range(1, 100_000).Draw(t, "metres")}
	case 11:
		return Phone{maybe2(t, "kinds", "cell", "home"), rapid.Bool().Draw(t, "textable")}
	case 12:
		return Suppressed{maybe2(t, "channels", "door", "text")}
	case 13:
		from, to := rapid.Float64Range(0, 50).Draw(t, "from"), rapid.Float64Range(50, 100).Draw(t, "to")
		return Score{4, &from, &to}
	case 14:
		return Answered{5, maybe2(t, "responses", int64(51), 52, 53), rapid.Bool().Draw(t, "ever"), maybe2(t, "by", int64(30), 31), genDays(t)}
	case 15:
		return Code{some2(t, "codes", int64(1), 2), maybe2(t, "by", int64(30), 31), genDays(t)}
	case 16:
		from, to := genBounds(t, 1, 5)
		return Contact{maybe2(t, "channels", "door", "phone"), maybe2(t, "results", "not_home", "reached"), maybe2(t, "by", int64(30)), small(from), small(to), genDays(t)}
	case 17:
		return rapid.SampledFrom([]Node{Email{}, Tag{[]int64{3}}, Event{[]int64{11}, nil}, Event{[]int64{11}, []string{"came"}}, Custom{Field: 6, Values: []string{"Spanish"}},
			Custom{Field: 8, From: ptr(int64(3))}, Target{10, nil}, Target{10, []int64{101}}, Turf{Turfs: []int64{401, 411}}, Turf{Maps: []int64{40}}}).Draw(t, "defined")
	}
	return Saved{rapid.SampledFrom([]int64{20, 21}).Draw(t, "list")}
}

func genVoted(t *rapid.T) Node {
	v := Voted{Methods: maybe2(t, "methods", "mail", "early"), Parties: maybe2(t, "parties", "DEM", "REP")}
	of := int64(0)
	if rapid.Bool().Draw(t, "last") {
		v.Last, v.LastType = rapid.IntRange(1, 3).Draw(t, "n"), rapid.SampledFrom([]string{"", "general"}).Draw(t, "type")
		of = int64(v.Last)
	} else {
		v.Elections = some2(t, "elections", int64(2026110301), 2024110501, 2022110801)
		of = int64(len(v.Elections))
	}
	from, to := genBounds(t, 0, of)
	if from == nil && to == nil {
		from = ptr(int64(1))
	}
	v.AtLeast, v.AtMost = small(from), small(to)
	return v
}
