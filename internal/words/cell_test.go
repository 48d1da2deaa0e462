package words

import "testing"

func TestArmed(t *testing.T) {
	for in, want := range map[string]string{"": "", "Ana": "Ana", "a=1": "a=1", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM": "'@SUM", "\tx": "'\tx", "\rx": "'\rx",
		"＝1": "'＝1", "'=1": "''=1", "'Ana": "'Ana", "\x00=1": "'\x00=1"} {
		if got := Armed(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func FuzzArmed(f *testing.F) {
	for _, s := range []string{"=1+1", "'=1", "+1", "-1", "@SUM", "\tx", "\rx", "", "Ana", "''", "＝1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Armed(s); dangerous(got) || Disarmed(got) != s && got != s {
			t.Errorf("%q becomes %q and then %q", s, got, Disarmed(got))
		}
	})
}
