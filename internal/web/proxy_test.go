package web

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestClientAddress(t *testing.T) {
	for name, c := range map[string]struct {
		trusted string
		header  string
		peer    string
		xff     []string
		fwd     []string
		want    string
	}{
		"nobody trusted":                       {"", "", "203.0.113.7:5000", []string{"198.51.100.1"}, nil, "203.0.113.7"},
		"a stranger claims to be a proxy":      {"10.0.0.0/8", "", "203.0.113.7:5000", []string{"198.51.100.1"}, nil, "203.0.113.7"},
		"the proxy":                            {"10.0.0.0/8", "", "10.0.0.1:5000", []string{"198.51.100.1"}, nil, "198.51.100.1"},
		"a client that wrote the header":       {"10.0.0.0/8", "", "10.0.0.1:5000", []string{"1.2.3.4, 198.51.100.1"}, nil, "198.51.100.1"},
		"a client that wrote a header before":  {"10.0.0.0/8", "", "10.0.0.1:5000", []string{"1.2.3.4", "198.51.100.1"}, nil, "198.51.100.1"},
		"a client that wrote a proxy's name":   {"10.0.0.0/8", "", "10.0.0.1:5000", []string{"1.2.3.4, 10.9.9.9, 198.51.100.1"}, nil, "198.51.100.1"},
		"two proxies":                          {"10.0.0.0/8 192.0.2.4", "", "10.0.0.1:5000", []string{"1.2.3.4, 198.51.100.1, 192.0.2.4"}, nil, "198.51.100.1"},
		"proxies only":                         {"10.0.0.0/8", "", "10.0.0.1:5000", []string{"10.0.0.3, 10.0.0.2"}, nil, "10.0.0.3"},
		"no header":                            {"10.0.0.0/8", "", "10.0.0.1:5000", nil, nil, "10.0.0.1"},
		"an empty header":                      {"10.0.0.0/8", "", "10.0.0.1:5000", []string{" , "}, nil, "10.0.0.1"},
		"a name":                               {"10.0.0.0/8", "", "10.0.0.1:5000", []string{"1.2.3.4, unknown"}, nil, "10.0.0.1"},
		"with a port":                          {"10.0.0.0/8", "", "10.0.0.1:5000", []string{"198.51.100.1:4711"}, nil, "198.51.100.1"},
		"version 6":                            {"2001:db8::/32", "", "[2001:db8::1]:5000", []string{"2600::9"}, nil, "2600::9"},
		"version 6 with a port":                {"2001:db8::/32", "", "[2001:db8::1]:5000", []string{"[2600::9]:80"}, nil, "2600::9"},
		"version 4 inside version 6":           {"10.0.0.0/8", "", "[::ffff:10.0.0.1]:5000", []string{"::ffff:198.51.100.1"}, nil, "198.51.100.1"},
		"a socket":                             {"10.0.0.0/8", "", "@", []string{"198.51.100.1"}, nil, "@"},
		"the other header is the client's own": {"10.0.0.0/8", "", "10.0.0.1:5000", []string{"198.51.100.1"}, []string{"for=1.2.3.4"}, "198.51.100.1"},
		"the other header alone":               {"10.0.0.0/8", "", "10.0.0.1:5000", nil, []string{"for=1.2.3.4"}, "10.0.0.1"},
		"Forwarded":                            {"10.0.0.0/8", "Forwarded", "10.0.0.1:5000", []string{"1.2.3.4"}, []string{`for=5.6.7.8;proto=http, proto=https;For="198.51.100.1:99"`}, "198.51.100.1"},
		"Forwarded, version 6":                 {"10.0.0.0/8", "Forwarded", "10.0.0.1:5000", nil, []string{`for="[2600::9]:47"`}, "2600::9"},
		"Forwarded that hides":                 {"10.0.0.0/8", "Forwarded", "10.0.0.1:5000", nil, []string{`for=1.2.3.4, for=_gazonk`}, "10.0.0.1"},
		"Forwarded without for":                {"10.0.0.0/8", "Forwarded", "10.0.0.1:5000", nil, []string{`for=1.2.3.4, by=10.0.0.9`}, "10.0.0.1"},
		"Forwarded with a comma in quotes":     {"10.0.0.0/8", "Forwarded", "10.0.0.1:5000", nil, []string{`for=198.51.100.1;host="a,for=1.2.3.4"`}, "198.51.100.1"},
	} {
		p, err := ParseProxies(strings.Fields(c.trusted), c.header)
		if err != nil {
			t.Fatal(err)
		}
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		for _, v := range c.xff {
			r.Header.Add("X-Forwarded-For", v)
		}
		for _, v := range c.fwd {
			r.Header.Add("Forwarded", v)
		}
		if got := p.Client(r); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for _, wrong := range []string{"0.0.0.0/0", "::/0", "proxy", "10.0.0.0/33", ""} {
		if _, err := ParseProxies([]string{wrong}, ""); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
	if _, err := ParseProxies(nil, "X-Real-IP"); err == nil {
		t.Error("X-Real-IP was taken")
	}
}

// FuzzClientAddress holds that only a trusted peer's header counts, and that the answer is an address.
func FuzzClientAddress(f *testing.F) {
	f.Add("10.0.0.1:1", "1.2.3.4, 10.0.0.2", `for="[::1]:8", for=x`)
	f.Add("203.0.113.7:1", "1.2.3.4", `for="`)
	f.Fuzz(func(t *testing.T, peer, xff, fwd string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {xff}, "Forwarded": {fwd}}}
		for _, header := range []string{"", "Forwarded"} {
			p, err := ParseProxies([]string{"10.0.0.0/8"}, header)
			if err != nil {
				t.Fatal(err)
			}
			got := p.Client(r)
			at, ok := address(peer)
			if !ok || !p.trusts(at) {
				if want := (Proxies{}).Client(r); got != want {
					t.Errorf("%s of %q: %s, want %s", header, peer, got, want)
				}
				continue
			}
			if _, err := netip.ParseAddr(got); err != nil {
				t.Errorf("%q is no address", got)
			}
		}
	})
}
