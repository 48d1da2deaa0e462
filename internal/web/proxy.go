package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the machines in front of the site whose word about a client's address is taken, and the one header they say it in. The zero
// Proxies trust nobody. There is one header and not two: a proxy writes the one it knows, and passes on whatever a client wrote into the other.
type Proxies struct {
	nets      []netip.Prefix
	forwarded bool // Forwarded (RFC 7239) and not X-Forwarded-For
}

// ParseProxies reads addresses and networks ("10.0.0.0/8", "2001:db8::7") and the header, "X-Forwarded-For" ("" means it) or "Forwarded".
func ParseProxies(nets []string, header string) (Proxies, error) {
	var p Proxies
	switch strings.ToLower(header) {
	case "", "x-forwarded-for":
	case "forwarded":
		p.forwarded = true
	default:
		return Proxies{}, fmt.Errorf("%q: proxies say the client's address in X-Forwarded-For or in Forwarded", header)
	}
	for _, s := range nets {
		n, err := netip.ParsePrefix(s)
		if a, alone := netip.ParseAddr(s); alone == nil {
			n, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return Proxies{}, fmt.Errorf("%q is no network: write it as 10.0.0.0/8, or an address alone", s)
		}
		if n.Bits() == 0 {
			return Proxies{}, fmt.Errorf("%q trusts everybody, and then every client says for itself who it is: name the proxies", s)
		}
		p.nets = append(p.nets, n.Masked())
	}
	return p, nil
}

func (p Proxies) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(p.nets, func(n netip.Prefix) bool { return n.Contains(a) })
}

// Client returns the address that a request came from: that of the connection, or, where that is a trusted proxy, the last address in the
// header that is not. What stands before it was written by the client and is worth nothing.
func (p Proxies) Client(r *http.Request) string {
	at, ok := address(r.RemoteAddr)
	if !ok {
		return r.RemoteAddr
	}
	hops := p.hops(r.Header)
	for i := len(hops) - 1; i >= 0 && p.trusts(at); i-- {
		before, ok := address(hops[i])
		if !ok { // "unknown", or a name that a proxy gave: no further than here
			break
		}
		at = before
	}
	return at.String()
}

// hops are the addresses in the header, the client first.
func (p Proxies) hops(h http.Header) []string {
	if len(p.nets) == 0 {
		return nil
	}
	if !p.forwarded {
		return fields(strings.Join(h.Values("X-Forwarded-For"), ","), ',')
	}
	var all []string
	for _, hop := range fields(strings.Join(h.Values("Forwarded"), ","), ',') {
		at := ""
		for _, pair := range fields(hop, ';') {
			if name, value, ok := strings.Cut(pair, "="); ok && strings.EqualFold(strings.TrimSpace(name), "for") {
				at = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
		all = append(all, at)
	}
	return all
}

// fields splits s at separators outside quotes.
func fields(s string, at rune) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == at && !quoted
	})
}

// address reads an address, with or without a port, in brackets or without.
func address(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if withPort, err := netip.ParseAddrPort(s); err == nil {
		return withPort.Addr().Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return a.Unmap().WithZone(""), err == nil
}

// Address returns the address that the request came from, without a port.
func (v *Visit) Address() string { return v.server.c.Proxies.Client(v.R) }
