package words

import (
	"testing"
	"time"
)

func TestTranslatorSaysSpanishWhereThereIsSome(t *testing.T) {
	c, err := NewCatalog([]byte(`{"Look up a person": "Buscar a una persona", "%s doors": "%s puertas", "%s door": "%s puerta"}`))
	if err != nil {
		t.Fatal(err)
	}
	es, en := c.In(ES), c.In(EN)
	for _, c := range []struct{ got, want string }{
		{es.T("Look up a person"), "Buscar a una persona"},
		{en.T("Look up a person"), "Look up a person"},
		{es.T("Not yet said"), "Not yet said"},
		{es.T("100%% sure"), "100% sure"},
		{es.N(1, "%s door", "%s doors"), "1 puerta"},
		{es.N(12847, "%s door", "%s doors"), "12,847 puertas"},
		{Translator{}.T("%d of %d", 1, 2), "1 of 2"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestCatalogRefusesTranslationsThatLoseAValue(t *testing.T) {
	for _, bad := range []string{`{"%s of %s": "%s"}`, `{"a": "b"`, `{"100%%": "%s"}`} {
		if _, err := NewCatalog([]byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if _, err := NewCatalog([]byte(`{"Map": "Mapa"}`), []byte(`{"Map": "Plano"}`)); err == nil {
		t.Error("two translations of one sentence were taken")
	}
}

func TestFormats(t *testing.T) {
	at := time.Date(2027, time.October, 9, 14, 41, 0, 0, time.UTC)
	en, es := Translator{Lang: EN}, Translator{Lang: ES}
	for _, c := range []struct{ got, want string }{
		{en.Number(12847), "12,847"}, {en.Number(-1234567), "−1,234,567"}, {en.Number(999), "999"}, {en.Number(0), "0"},
		{en.Percent(1, 8), "12.5%"}, {en.Percent(0, 0), "–"},
		{en.Date(at), "Sat, Oct 9, 2027"}, {es.Date(at), "sáb, 9 oct 2027"},
		{en.Time(at), "Sat, Oct 9, 2027, 2:41 pm"}, {es.Clock(at), "2:41 p. m."},
		{en.Month(2022, time.March), "Mar 2022"}, {es.Month(2022, time.March), "mar 2022"},
		{en.Duration(76 * time.Minute), "1 h 16 min"}, {en.Duration(40 * time.Second), "40 s"}, {en.Duration(12 * time.Minute), "12 min"}, {en.Duration(80 * time.Hour), "3 d"},
		{en.Bytes(412_000_000), "412 MB"}, {en.Bytes(1_320_000_000), "1.3 GB"}, {en.Bytes(12), "12 B"},
		{en.Phone("5550146630"), "(555) 014-6630"}, {en.Phone("123"), "123"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestParseLang(t *testing.T) {
	for in, want := range map[string]Lang{"es": ES, "es-MX": ES, "EN-us": EN, "fr": EN, "": EN} {
		if got, _ := ParseLang(in); got != want {
			t.Errorf("ParseLang(%q) = %s, want %s", in, got, want)
		}
	}
	if EN.Other() != ES || ES.Other() != EN {
		t.Error("the switch does not switch")
	}
}
