package synth

import "github.com/openprecinct/precinct/field/voterfile/layout"

// dayNumber counts days of the civil calendar from 1 March of the year 0 (Hinnant, "chrono-compatible low-level date
// algorithms").
func dayNumber(d layout.Date) int {
	y, m := d.Year(), d.Month()
	if m <= 2 {
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d.Day() - 1
}

// dateOf is the inverse of dayNumber.
func dateOf(n int) layout.Date {
	era := n / 146_097
	doe := n % 146_097
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	y, m := yoe+era*400, mp+3
	if m > 12 {
		y, m = y+1, m-12
	}
	return layout.MakeDate(y, m, doy-(153*mp+2)/5+1)
}

func addDays(d layout.Date, n int) layout.Date { return dateOf(dayNumber(d) + n) }

// weekday returns 0 for Sunday: day 0 of dayNumber, 1 March 0000, was a Wednesday.
func weekday(d layout.Date) int { return (dayNumber(d) + 3) % 7 }

// ageOf returns the age in full years on a day.
func ageOf(born, on layout.Date) int { return int(on-born) / 10_000 }

// born returns the birth date of somebody who is age years old on a day.
func born(on layout.Date, age int, c *chance) layout.Date {
	return addDays(on, -(age*365 + (age+3)/4 + c.n(362)))
}

// daysSinceEighteen returns how long somebody has been of voting age.
func daysSinceEighteen(born, on layout.Date) int {
	return dayNumber(on) - dayNumber(born) - 18*365 - 5
}

// electionDay returns the Tuesday after the first Monday of November (3 U.S.C. 1).
func electionDay(year int) layout.Date { return tuesdayAfterMonday(year, 11) }

func tuesdayAfterMonday(year, month int) layout.Date {
	for d := layout.MakeDate(year, month, 2); ; d = addDays(d, 1) {
		if weekday(d) == 2 {
			return d
		}
	}
}
