package xlsx

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/fault"
)

type tokenKind uint8

const (
	startTag tokenKind = iota
	endTag
	textRun
)

var tagT = []byte("t")

// scanner cuts XML into tags and runs of text. An empty element is a start and an end. Names are without their prefix:
// SpreadsheetML uses each name in one namespace only. It refuses document types, so nothing can be defined to be long.
type scanner struct {
	kind  tokenKind
	name  []byte // of a tag, without prefix
	attrs []byte // of a start tag, as they are written
	text  []byte // of a run, with its entities resolved

	part    string
	feed    *feed
	buf     []byte
	pos     int
	left    int64 // bytes that may still come
	empty   bool  // the last tag was an empty element: its end is next
	depth   int
	scratch []byte
	value   []byte
	err     error
}

func newScanner(r io.ReadCloser, part string, limit int64) *scanner {
	return &scanner{part: part, feed: newFeed(r), left: limit}
}

func (s *scanner) close() { s.feed.close() }

func (s *scanner) fail(e *fault.Error) bool {
	if s.err == nil {
		s.err = e
	}
	return false
}

func (s *scanner) broken(cause error) bool {
	return s.fail(fault.Invalidf("The workbook's part %s is damaged. Save it anew as \"Excel Workbook\".", s.part).Because(cause))
}

// more appends the next block of input to what is unread and reports whether there was one. Tokens that were read before
// are no longer there.
func (s *scanner) more() bool {
	if s.err != nil {
		return false
	}
	block, err := s.feed.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return s.broken(err)
	}
	if len(block) == 0 {
		return false
	}
	if s.left -= int64(len(block)); s.left < 0 {
		return s.fail(fault.Invalidf("The workbook's part %s is larger, unpacked, than this program takes. Split the file.", s.part))
	}
	rest := copy(s.buf, s.buf[s.pos:]) // a part of one token: short
	s.buf, s.pos = append(s.buf[:rest], block...), 0
	s.feed.again(block)
	return true
}

// until returns the input up to the mark, which is left behind, or false at the end.
func (s *scanner) until(mark []byte) ([]byte, bool) {
	from := 0
	for {
		if i := bytes.Index(s.buf[s.pos+from:], mark); i >= 0 {
			got := s.buf[s.pos : s.pos+from+i]
			s.pos += from + i + len(mark)
			return got, true
		}
		from = max(0, len(s.buf)-s.pos-len(mark)+1)
		if len(s.buf)-s.pos > MaxCell {
			return nil, s.fail(fault.Invalidf("The workbook's part %s holds a text longer than a megabyte. Save it anew as \"Excel Workbook\".", s.part))
		}
		if !s.more() {
			return nil, false
		}
	}
}

// need makes sure that n bytes are unread.
func (s *scanner) need(n int) bool {
	for len(s.buf)-s.pos < n {
		if !s.more() {
			return false
		}
	}
	return true
}

var (
	markTag     = []byte("<")
	markClose   = []byte(">")
	markComment = []byte("-->")
	markCData   = []byte("]]>")
	markProc    = []byte("?>")
)

// next reads one token. It returns false at the end and on an error.
func (s *scanner) next() bool {
	if s.empty {
		s.empty = false
		s.kind = endTag
		s.depth--
		return true
	}
	for s.err == nil {
		if !s.need(1) {
			if s.err == nil && s.depth != 0 {
				return s.broken(io.ErrUnexpectedEOF)
			}
			return false
		}
		if s.buf[s.pos] != '<' {
			if s.run() {
				return true
			}
			continue
		}
		s.pos++
		if !s.need(1) {
			return s.broken(io.ErrUnexpectedEOF)
		}
		switch s.buf[s.pos] {
		case '!':
			if got, ok := s.special(); got || !ok {
				return ok
			}
		case '?':
			if _, ok := s.until(markProc); !ok {
				return s.broken(io.ErrUnexpectedEOF)
			}
		default:
			return s.tag()
		}
	}
	return false
}

// run reads text up to the next tag. Text outside of elements is nothing.
func (s *scanner) run() bool {
	raw, ok := s.until(markTag)
	if ok {
		s.pos--
	} else {
		if s.err != nil {
			return false
		}
		raw, s.pos = s.buf[s.pos:], len(s.buf)
	}
	if s.depth == 0 {
		if len(bytes.Trim(raw, " \t\r\n\ufeff")) > 0 {
			return s.broken(nil)
		}
		return false
	}
	s.kind = textRun
	s.text, ok = unescape(&s.scratch, raw)
	if !ok {
		return s.broken(nil)
	}
	return true
}

// special reads what begins with <!. A comment is nothing, CDATA is text.
func (s *scanner) special() (got, ok bool) {
	if s.need(3) && string(s.buf[s.pos:s.pos+3]) == "!--" {
		s.pos += 3
		if _, ok := s.until(markComment); !ok {
			return false, s.broken(io.ErrUnexpectedEOF)
		}
		return false, true
	}
	if s.depth > 0 && s.need(8) && string(s.buf[s.pos:s.pos+8]) == "![CDATA[" {
		s.pos += 8
		raw, ok := s.until(markCData)
		if !ok {
			return false, s.broken(io.ErrUnexpectedEOF)
		}
		s.kind, s.text = textRun, raw
		if bytes.IndexByte(raw, '\r') >= 0 {
			s.scratch = lines(s.scratch[:0], raw)
			s.text = s.scratch
		}
		return true, true
	}
	return false, s.fail(fault.Invalidf("The workbook's part %s declares a document type, which no workbook does. It is not read.", s.part))
}

// tag reads a tag whose < is behind us.
func (s *scanner) tag() bool {
	raw, ok := s.tagText()
	if !ok {
		return s.broken(io.ErrUnexpectedEOF)
	}
	s.kind = startTag
	if raw[0] == '/' {
		s.kind, raw = endTag, raw[1:]
		s.depth--
	} else {
		s.depth++
		if raw[len(raw)-1] == '/' {
			raw, s.empty = raw[:len(raw)-1], true
		}
	}
	s.attrs = nil
	from, to := 0, 0
	for ; to < len(raw) && !space(raw[to]); to++ {
		if raw[to] == ':' {
			from = to + 1
		}
	}
	if to < len(raw) {
		s.attrs = raw[to+1:]
	}
	s.name = raw[from:to]
	if len(s.name) == 0 || s.depth < 0 {
		return s.broken(nil)
	}
	return true
}

// tagText returns what is between < and >; a > inside of quotes is not the end.
func (s *scanner) tagText() ([]byte, bool) {
	first, ok := s.until(markClose)
	if !ok || len(first) == 0 {
		return nil, false
	}
	if closed(first) {
		return first, true
	}
	whole := append([]byte(nil), first...)
	for !closed(whole) {
		rest, ok := s.until(markClose)
		if !ok || len(whole) > MaxCell {
			return nil, false
		}
		whole = append(append(whole, '>'), rest...)
	}
	return whole, true
}

// closed reports whether every quote that opens also closes.
func closed(b []byte) bool {
	var quote byte
	for _, c := range b {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		}
	}
	return quote == 0
}

// attr returns the value of the attribute with this name, whatever its prefix, or nil. It holds until the next token
// or call.
func (s *scanner) attr(name string) []byte {
	for a := s.attrs; ; {
		key, value, rest, ok := attribute(a)
		if !ok {
			return nil
		}
		if string(key) == name {
			v, ok := unescape(&s.value, value)
			if !ok {
				return nil
			}
			return v
		}
		a = rest
	}
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// attribute cuts the first attribute off: its name without prefix, and its value as it is written.
func attribute(a []byte) (key, value, rest []byte, ok bool) {
	i := 0
	for i < len(a) && space(a[i]) {
		i++
	}
	from := i
	for i < len(a) && a[i] != '=' && !space(a[i]) {
		if a[i] == ':' {
			from = i + 1
		}
		i++
	}
	key = a[from:i]
	for i < len(a) && space(a[i]) {
		i++
	}
	if i == len(a) || a[i] != '=' {
		return nil, nil, nil, false
	}
	for i++; i < len(a) && space(a[i]); i++ {
	}
	if i == len(a) || a[i] != '"' && a[i] != '\'' {
		return nil, nil, nil, false
	}
	end := bytes.IndexByte(a[i+1:], a[i])
	if end < 0 {
		return nil, nil, nil, false
	}
	return key, a[i+1 : i+1+end], a[i+end+2:], true
}

// unescape resolves entities and the ends of lines. It returns raw itself where there is nothing to resolve.
func unescape(scratch *[]byte, raw []byte) ([]byte, bool) {
	if bytes.IndexByte(raw, '&') < 0 {
		if bytes.IndexByte(raw, '\r') < 0 {
			return raw, true
		}
		*scratch = lines((*scratch)[:0], raw)
		return *scratch, true
	}
	out := (*scratch)[:0]
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '&')
		if i < 0 {
			out = lines(out, raw)
			break
		}
		out = lines(out, raw[:i])
		end := bytes.IndexByte(raw[i:], ';')
		if end < 0 || end > 12 {
			return nil, false
		}
		r, ok := entity(string(raw[i+1 : i+end]))
		if !ok {
			return nil, false
		}
		out = utf8.AppendRune(out, r)
		raw = raw[i+end+1:]
	}
	*scratch = out
	return out, true
}

// lines appends text with every end of line as one \n (XML 1.0, 2.11).
func lines(out, raw []byte) []byte {
	for i, c := range raw {
		if c != '\r' {
			out = append(out, c)
		} else if i+1 == len(raw) || raw[i+1] != '\n' {
			out = append(out, '\n')
		}
	}
	return out
}

func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, radix := name[1:], 10
	if digits[0] == 'x' {
		digits, radix = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, radix, 32)
	if err != nil || n > utf8.MaxRune {
		return 0, false
	}
	return rune(n), true
}
