package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Number writes n with commas between thousands, as both US English and US Spanish do.
func (t Translator) Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Percent writes part of whole with one decimal: "41.2%". A whole of zero gives "–".
func (t Translator) Percent(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	return strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 1, 64) + "%"
}

var (
	esDays   = [...]string{"dom", "lun", "mar", "mié", "jue", "vie", "sáb"}
	esMonths = [...]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"}
)

// Day writes a calendar day without its weekday: "Oct 9, 2027", «9 oct 2027».
func (t Translator) Day(y int, m time.Month, d int) string {
	if t.Lang == ES {
		return fmt.Sprintf("%d %s %d", d, esMonths[m-1], y)
	}
	return fmt.Sprintf("%s %d, %d", m.String()[:3], d, y)
}

// Month writes a month of a year: "Mar 2022", «mar 2022».
func (t Translator) Month(y int, m time.Month) string {
	if t.Lang == ES {
		return fmt.Sprintf("%s %d", esMonths[m-1], y)
	}
	return fmt.Sprintf("%s %d", m.String()[:3], y)
}

// Date writes a moment's day with its weekday: "Sat, Oct 9, 2027", «sáb, 9 oct 2027».
func (t Translator) Date(at time.Time) string {
	day := t.Day(at.Year(), at.Month(), at.Day())
	if t.Lang == ES {
		return esDays[at.Weekday()] + ", " + day
	}
	return at.Weekday().String()[:3] + ", " + day
}

// Time writes a moment's day and time to the minute: "Sat, Oct 9, 2027, 2:41 pm".
func (t Translator) Time(at time.Time) string {
	return t.Date(at) + ", " + t.Clock(at)
}

// Clock writes the time of day: "2:41 pm", «2:41 p. m.».
func (t Translator) Clock(at time.Time) string {
	s := at.Format("3:04 pm")
	if t.Lang == ES {
		s = strings.Replace(strings.Replace(s, "am", "a. m.", 1), "pm", "p. m.", 1)
	}
	return s
}

// Duration writes how long something took or will take: "40 s", "12 min", "1 h 16 min", "3 d".
func (t Translator) Duration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second)/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute)/time.Minute))
	case d < 48*time.Hour:
		d = d.Round(time.Minute)
		return fmt.Sprintf("%d h %d min", int(d/time.Hour), int(d%time.Hour/time.Minute))
	default:
		return fmt.Sprintf("%d d", int(d/(24*time.Hour)))
	}
}

// Bytes writes a size: "412 MB". Decimal units, as file managers show them.
func (t Translator) Bytes(n int64) string {
	switch {
	case n >= 1e9:
		return strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64) + " GB"
	case n >= 1e6:
		return strconv.FormatInt(n/1e6, 10) + " MB"
	case n >= 1e3:
		return strconv.FormatInt(n/1e3, 10) + " kB"
	default:
		return strconv.FormatInt(n, 10) + " B"
	}
}

// Phone writes a ten-digit North American number: "(555) 014-6630". Anything else is left alone.
func (t Translator) Phone(digits string) string {
	if len(digits) != 10 {
		return digits
	}
	return "(" + digits[:3] + ") " + digits[3:6] + "-" + digits[6:]
}
