package account

import (
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/fault"
)

func TestJudgePassword(t *testing.T) {
	tests := []struct {
		password string
		ok       bool
	}{
		{"copper lantern orchard weather", true},
		{"vxq9!Rm2$kLw", true},
		{"ñandú montaña río café", true},
		{strings.Repeat("correct horse 7 battery staple ", 8), false}, // one piece over and over
		{"short", false},
		{strings.Repeat("aB3$xy", 60), false},
		{"passwordpassword", false},
		{"Password1234!", false},
		{"P4ssw0rd!!!!", false},
		{"qwertyuiop12", false},
		{"123456789012", false},
		{"abcdefghijklm", false},
		{"aaaaaaaaaaaaaa", false},
		{"letmeinplease", true},
		{"letmein2027!!", false},
		{"Precinct2027!", false},
		{"electionday2028", false},
		{"my name is maribel ok", false},
		{"halden lantern orchard", false},
		{"bad\xffutf8 but quite long", false},
	}
	for _, tt := range tests {
		err := judgePassword(tt.password, "Maribel Ocampo", "mo@lakeshore.example", "Halden Voter Table")
		if (err == nil) != tt.ok {
			t.Errorf("%q: got %v, want ok %v", tt.password, err, tt.ok)
		}
	}
}

func TestParseTyped(t *testing.T) {
	code := newRecovery()
	for typed, want := range map[string]Typed{
		"123456":                             {Code: "123456"},
		" 123 456\t":                         {Code: "123456"},
		"123-456":                            {Code: "123456"},
		"12345":                              {},
		"1234567":                            {},
		"١٢٣٤٥٦":                             {},
		spellRecovery(code):                  {Recovery: code},
		strings.ToLower(spellRecovery(code)): {Recovery: code},
		"ABCD EFGH IJKL MN0P":                {Recovery: "ABCDEFGHIJKLMNOP"},
		"abcd-efgh-ijkl-mno9":                {},
		strings.Repeat("A", 17):              {},
		strings.Repeat(" ", 1000) + "123456": {},
	} {
		if got := ParseTyped(typed); got != want {
			t.Errorf("%q: got %+v, want %+v", typed, got, want)
		}
	}
}

// The vectors of RFC 6238, appendix B, cut to six digits.
func TestMatchCodeFollowsRFC6238(t *testing.T) {
	seed := base32Plain.EncodeToString([]byte("12345678901234567890"))
	for _, tt := range []struct {
		unix int64
		code string
	}{{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}} {
		at := time.Unix(tt.unix, 0)
		step := tt.unix / codeStep
		if got := matchCode(seed, tt.code, at, 0); got != step {
			t.Errorf("at %d: step %d, want %d", tt.unix, got, step)
		}
		if got := matchCode(seed, tt.code, at.Add(codeStep*time.Second), 0); got != step {
			t.Errorf("one step late: %d, want %d", got, step)
		}
		if got := matchCode(seed, tt.code, at.Add(2*codeStep*time.Second), 0); got != 0 {
			t.Errorf("two steps late: %d, want none", got)
		}
		if got := matchCode(seed, tt.code, at, step); got != 0 {
			t.Errorf("used: %d, want none", got)
		}
	}
}

func TestLimitWaitsLongerEachTime(t *testing.T) {
	l := limit{free: 3, first: time.Second, most: 5 * time.Second}
	want := []time.Duration{0, 0, 0, 1, 2, 4, 5, 5}
	for tries, w := range want {
		if got := l.wait(int64(tries)); got != w*time.Second {
			t.Errorf("%d tries: %v, want %v", tries, got, w*time.Second)
		}
	}
	if got := l.wait(1 << 40); got != l.most {
		t.Errorf("very many tries: %v", got)
	}
}

func TestNetworkKeepsNoDevice(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.77": "203.0.113.0/24", "::ffff:203.0.113.77": "203.0.113.0/24", "2001:db8:1:2::3": "2001:db8:1::/48",
		"fe80::1%eth0": "fe80::/48", "": "unknown", "not an address": "unknown",
	} {
		if got := (From{Address: address}).network(); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}

func TestAgentName(t *testing.T) {
	for header, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0": "Edge · Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1":          "Safari · iPhone",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36":                                  "Chrome · Android",
		"curl/8.9": "–", "": "–", "Windows": "Windows",
	} {
		if got := AgentName(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func TestParseEmail(t *testing.T) {
	for in, want := range map[string]string{
		" Maribel@Lakeshore.Example ": "maribel@lakeshore.example", "a.b+c@x.org": "a.b+c@x.org",
		"a@b": "", "@x.org": "", "a b@x.org": "", "Me <a@x.org>": "", "a@x.org\r\nBcc: b@x.org": "", "a@x.org, b@x.org": "", strings.Repeat("a", 250) + "@x.org": "",
	} {
		got, err := ParseEmail(in)
		if got != want || (err == nil) != (want != "") || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
}

func TestVaultKeepsPurposesApart(t *testing.T) {
	v, err := newVault([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	other, err := newVault([32]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	sealed := v.seal("seed", []byte("secret"))
	if plain, err := v.open("seed", sealed); err != nil || string(plain) != "secret" {
		t.Errorf("got %q, %v", plain, err)
	}
	if _, err := v.open("sign in", sealed); err == nil {
		t.Error("opened for another purpose")
	}
	if _, err := other.open("seed", sealed); err == nil {
		t.Error("opened with another key")
	}
	if v.keyed("a", "bc") == v.keyed("ab", "c") {
		t.Error("purpose and text run into each other")
	}
}

func FuzzToken(f *testing.F) {
	token, _ := NewToken()
	f.Add(token)
	f.Add(token + "=")
	f.Add("")
	f.Add(strings.Repeat("_", 43))
	f.Fuzz(func(t *testing.T, s string) {
		hash, ok := HashToken(s)
		if ok != (hash != "") || ok && len(s) != 43 {
			t.Errorf("%q: %q, %v", s, hash, ok)
		}
		again, _ := HashToken(s)
		if again != hash {
			t.Errorf("%q hashes differently the second time", s)
		}
	})
}

func FuzzParseTyped(f *testing.F) {
	f.Add("123 456")
	f.Add("ABCD-EFGH-IJKL-MNOP")
	f.Add("١٢٣٤٥٦")
	f.Fuzz(func(t *testing.T, s string) {
		got := ParseTyped(s)
		if got.Code != "" && (len(got.Code) != codeDigits || got.Recovery != "") {
			t.Errorf("%q: %+v", s, got)
		}
		if got.Recovery != "" && (len(got.Recovery) != recoveryLength || ParseTyped(spellRecovery(got.Recovery)) != got) {
			t.Errorf("%q: %+v does not read back", s, got)
		}
	})
}

func FuzzOpenSealed(f *testing.F) {
	v, err := newVault([32]byte{1})
	if err != nil {
		f.Fatal(err)
	}
	real := v.seal("sign in", []byte(`{"Ends":"2027-10-09T14:05:00Z","State":"x"}`))
	f.Add(real)
	f.Add(real[:len(real)-2])
	f.Add("")
	now := time.Date(2027, 10, 9, 14, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		got, err := openCeremony[string](v, "sign in", now, s)
		if err == nil && got != "x" { // the only text this key ever sealed
			t.Errorf("%q opened: %q", s, got)
		}
	})
}
