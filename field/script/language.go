package script

import "slices"

// languages are those offered, what is spoken most at doors in the United States, each with the name it calls itself by.
var languages = []struct{ code, name string }{{"en", "English"}, {"es", "Español"}, {"zh-Hant", "中文"}, {"vi", "Tiếng Việt"}, {"tl", "Tagalog"}, {"ko", "한국어"},
	{"ar", "العربية"}, {"ht", "Kreyòl ayisyen"}, {"fr", "Français"}, {"pt", "Português"}, {"ru", "Русский"}, {"pl", "Polski"}}

// Languages returns the codes of the languages to offer, as in BCP 47. A script may be in others.
func Languages() []string {
	all := make([]string, len(languages))
	for i, l := range languages {
		all[i] = l.code
	}
	return all
}

// LanguageName returns what a language calls itself, and of one that is not offered its code.
func LanguageName(code string) string {
	if i := slices.Index(Languages(), code); i >= 0 {
		return languages[i].name
	}
	return code
}
