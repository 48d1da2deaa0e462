package outbox

import (
	"html"
	"net/url"
	"strings"
)

// Part of a paragraph: plain words, or a web address to be shown as a link.
type Part struct {
	Text string
	URL  string // "" for plain words
}

// Paragraphs splits a message's text as the HTML mail and the page of caught mail show it.
func Paragraphs(text string) [][]Part {
	var all [][]Part
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, parts(p))
		}
	}
	return all
}

// parts finds the http and https addresses in one paragraph.
func parts(p string) []Part {
	var out []Part
	for p != "" {
		from, to := findURL(p)
		if from < 0 {
			return append(out, Part{Text: p})
		}
		if from > 0 {
			out = append(out, Part{Text: p[:from]})
		}
		out = append(out, Part{Text: p[from:to], URL: p[from:to]})
		p = p[to:]
	}
	return out
}

// findURL returns where the first address begins and ends, or -1. A full stop or bracket after it is not part of it.
func findURL(s string) (from, to int) {
	for at := 0; ; {
		i := strings.Index(s[at:], "http")
		if i < 0 {
			return -1, -1
		}
		from = at + i
		to = len(s)
		if n := strings.IndexAny(s[from:], " \t\n<>\""); n >= 0 {
			to = from + n
		}
		to = from + len(strings.TrimRight(s[from:to], ".,;:!?)]}'"))
		u, err := url.Parse(s[from:to])
		if err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
			return from, to
		}
		at = from + len("http")
	}
}

// letterHTML is the HTML part: the same words, readable in every mail program, nothing loaded from anywhere.
func letterHTML(r Row) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="` + html.EscapeString(r.Lang) + `"><head><meta charset="utf-8"><title>` + html.EscapeString(r.Subject) + `</title></head>`)
	b.WriteString(`<body style="margin:0;padding:24px;background:#f6f7f8;color:#1b1b1b;font:16px/1.5 'Public Sans',Helvetica,Arial,sans-serif">`)
	b.WriteString(`<div style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border-top:4px solid #07648d">`)
	b.WriteString(`<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">` + html.EscapeString(r.Subject) + `</h1>`)
	for _, p := range Paragraphs(r.Text) {
		b.WriteString(`<p style="margin:0 0 16px">`)
		for _, x := range p {
			text := strings.ReplaceAll(html.EscapeString(x.Text), "\n", "<br>")
			if x.URL == "" {
				b.WriteString(text)
				continue
			}
			b.WriteString(`<a href="` + html.EscapeString(x.URL) + `" style="color:#07648d;font-weight:600;word-break:break-all">` + text + `</a>`)
		}
		b.WriteString("</p>")
	}
	b.WriteString("</div></body></html>\n")
	return b.String()
}
