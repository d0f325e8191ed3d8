package onboarding

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestANameThatLooksLikeAPlatformsOrOursIsRefused(t *testing.T) {
	for _, name := range []string{
		"Ғacebook", "Ｆａｃｅｂｏｏｋ", "𝗠𝗲𝘁𝗮", "𝓕𝓪𝓬𝓮𝓫𝓸𝓸𝓴", "ⓕⓐⓒⓔⓑⓞⓞⓚ", "🅵🅰🅲🅴🅱🅾🅾🅺", "🅕🅐🅒🅔🅑🅞🅞🅚", "🇲🇪🇹🇦", "F̶a̶c̶e̶b̶o̶o̶k̶",
		"Ғасевоок", "Мета", "ΜΕΤΑ", "ᎷᎬᎢᎪ", "ꓝꓮꓚꓰꓐꓳꓳꓗ", "ꜰᴀᴄᴇʙᴏᴏᴋ", "Faϲebook", "Gοοgle", "Instаgram", "WhatѕApp",
		"Face\u200dbook", "Fa\u00adcebook", "Face\u034fbook", "M\u200ce\u200ct\u200ca", "Meta!", "Meta®", "Meta™ Support",
		"[Meta]", "M.E.T.A", "Me-ta", "Meta's Team", "FacebookSupport", "MyFacebookAds", "Latchkey", "Latсhkey Support",
		"Hub\u2011Spot", "Mаilchimp", "Sаlesforce", "Аctivecampaign", "F4cebook", "F@ceb00k", "lnstagram", "|nstagram",
		"ſacebook", "ẛacebook", "Microſoﬅ Meta", "ſ a c e b o o k", "MetaSupport", "Meta\u200bSupport", "SupportMeta GmbH",
		"MetaAds", "ＭｅｔａＨｅｌｐ",
	} {
		if got, err := ValidateCompany(name, serviceNames()); !errors.Is(err, ErrInvalid) {
			t.Errorf("company %q: got %q and %v, want an InvalidError", name, got, err)
		}
		if _, err := ValidateMemberName(name+" Support", serviceNames()); !errors.Is(err, ErrInvalid) {
			t.Errorf("member %q was taken", name+" Support")
		}
	}
	for _, name := range []string{
		"Metal Works", "Metamorphosis", "Metatrust", "Metacare", "Bookface",
		"Northlight Media", "Müller & Söhne GmbH", "Ação Digital", "Łódź Media",
		"Яндекс Маркет", "Δέλτα Μέδια", "株式会社ノース", "山田Studio", "카카오Talk", "ミキハウス", "שלום מדיה", "می\u200cخواهم", "Toys Я Us",
		"T-Mobile Т-Банк", "O’Neil", "3M", "Café Ünïcödé", "ABC商事", "Lucky Keys", "Hubert Spot", "नमस्ते मीडिया", "A/B Test",
	} {
		if _, err := ValidateCompany(name, serviceNames()); err != nil {
			t.Errorf("company %q: got %v", name, err)
		}
	}
	for _, name := range []string{"Meta Hočevar", "Jana Meta Kovač", "Ana Ruiz", "José María", "李小龍", "Ольга Иванова"} {
		if got, err := ValidateMemberName(name, serviceNames()); err != nil || got != name {
			t.Errorf("member %q: got %q and %v", name, got, err)
		}
	}
	for _, name := range []string{"Meta", "Meta Support", "Meta Business Team", "Meta Facebook"} {
		if _, err := ValidateMemberName(name, serviceNames()); !errors.Is(err, ErrInvalid) {
			t.Errorf("member %q was taken", name)
		}
	}
}

func TestANameHasOneScriptInAWordAndIsNotEncoded(t *testing.T) {
	const mixed, encoded = " mixes different alphabets. Type the word again in one.",
		"name: This is a name as an email's header encodes it. Enter the name as it is read."
	for typed, want := range map[string]string{
		"Nоrth Media":             "name: Nоrth" + mixed, // a Cyrillic о
		"Harbour Ρine":            "name: Ρine" + mixed,  // a Greek Ρ
		"Aсme":                    "name: Aсme" + mixed,
		"Բook":                    "name: Բook" + mixed,
		"カтана":                   "name: カтана" + mixed,
		"한カ":                      "name: 한カ" + mixed,
		"=?utf-8?B?RmFjZQ==?=":    encoded,
		"x=?UTF-8?q?a?=":          encoded,
		"=?iso-8859-1*en?Q?a?= b": encoded,
		"=?utf-8?B?RmFjZWJv":      encoded,
	} {
		if _, err := ValidateName("name", typed, MaxName, "Enter it."); saying(err) != want {
			t.Errorf("%q: got %v, want %q", typed, err, want)
		}
		if _, err := ValidateCompany(typed, serviceNames()); !errors.Is(err, ErrInvalid) {
			t.Errorf("company %q was taken", typed)
		}
	}
	for _, typed := range []string{
		"山田太郎のStudio", "한국漢字", "ㄅ漢字", "Москва Media", "Q&A = ?", "What=?", "naïve", "β-test", "№1", "µm", "x²",
	} {
		if got, err := ValidateName("name", typed, MaxName, "Enter it."); err != nil || got != typed {
			t.Errorf("%q: got %q and %v", typed, got, err)
		}
	}
}

func TestANameKeepsWhatSpellsAndLosesWhatDeceives(t *testing.T) {
	kept := []string{
		"می\u200cخواهم", "کتاب\u200cها", "ه\u200d", "क्\u200dष", "क्\u200cष", "ශ්\u200dරී ලංකා", "র\u200d্যাব",
		"ನಂ\u0cb0\u200d\u0ccdಕ",
		"ക്\u200d", "👩\u200d💻 Studio", "👨🏽\u200d🍳 Kitchen", "👨\u200d👩\u200d👧\u200d👦", "🏳️\u200d🌈 Pride",
		"🏳️\u200d⚧️", "👁️\u200d🗨️",
		"❤️\u200d🔥", "🙂\u200d↔️", "☎️ Phone", "☎︎ Phone", "1️⃣ First", "#️⃣",
		"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Scot",
		"葛\U000e0100城", "辻\U000e0101", "ᠨᠠ\u180eᠠ", "ᠮ\u180b", "\u0601١٢", "Acme™️", "ℹ️ Info",
		"◼️ Studio", "Next ⤴️", "🇸🇪 Studio", "👩🏿 Studio",
	}
	for _, name := range kept {
		name = norm.NFC.String(name)
		if got := CleanLine(name); got != name {
			t.Errorf("%+q became %+q", name, got)
		}
		if got, err := ValidateLine("name", name, MaxName, "Enter it."); err != nil || got != name {
			t.Errorf("line %+q: got %+q and %v", name, got, err)
		}
		if got, err := ValidateCompany(name, serviceNames()); err != nil || got != name {
			t.Errorf("company %+q: got %+q and %v", name, got, err)
		}
	}
	for typed, want := range map[string]string{
		"Har\u200bbour": "Harbour", "Har\u200dbour": "Harbour", "Har\u200cbour": "Harbour", "Har\u00adbour": "Harbour",
		"\ufeffHarbour\u2060": "Harbour", "Har\u034fbour": "Harbour", "Har\ufe0fbour": "Harbour",
		"Har\U000e0062bour":   "Harbour",
		"می\u200c\u200cخواهم": "می\u200cخواهم", "ا\u200cب": "اب", "می\u200c": "می", "م\u200dی": "می",
		"👩\u200d Studio": "👩 Studio", "👩\u200d\u200d💻": "👩\u200d💻", "\u200d💻": "💻", "A\u200d💻": "A💻",
		"Ha\u3164rbour": "Harbour", "Harbour\u00a0 Pine": "Harbour Pine", "Harbour\u2003Pine": "Harbour Pine",
		"Har\u200e\u200f\u061cbour": "Harbour", "Cafe\u0301": "Café", "1\ufe0f st": "1 st", "क\u200dष": "कष",
	} {
		if got := CleanLine(typed); got != want {
			t.Errorf("%+q: got %+q, want %+q", typed, got, want)
		}
		if got, err := ValidateLine("name", typed, MaxName, "Enter it."); err != nil || got != want {
			t.Errorf("line %+q: got %+q and %v, want %+q", typed, got, err, want)
		}
	}
	for _, blank := range []string{"\u3164", "\u2800", "\u200d", "\ufe0f", "\u115f\u1160", "\u00ad \u034f"} {
		if got, err := ValidateLine("name", blank, MaxName, "Enter it."); saying(err) != "name: Enter it." {
			t.Errorf("%+q, of which nothing is seen: got %+q and %v", blank, got, err)
		}
		if got, err := ValidateCompany(blank, serviceNames()); err != nil || got != "" {
			t.Errorf("company %+q: got %+q and %v", blank, got, err)
		}
	}
}

func TestAgenciesThatPeopleTakeForEachOtherLookAlike(t *testing.T) {
	for a, b := range map[string]string{
		"Acme Media": "ACME MEDIA", "Acme": "Аcme", "Northlight": "Ｎｏｒｔｈｌｉｇｈｔ", "Modern": "Modem",
		"株式会社ノース": "株式会社ノース", "★": "★",
	} {
		if !LookAlike(a, b) {
			t.Errorf("%q and %q do not look alike", a, b)
		}
	}
	for a, b := range map[string]string{"Acme": "Acne", "★": "♥", "株式会社ノース": "株式会社サウス", "Acme Media": "Acme"} {
		if LookAlike(a, b) {
			t.Errorf("%q and %q look alike", a, b)
		}
	}
}

func TestEachLookalikeIsListedOnceAndNeedsItsLine(t *testing.T) {
	listed := map[string]string{}
	for line := range strings.Lines(lookalikes) {
		ascii, numbers, _ := strings.Cut(strings.TrimSpace(line), " ")
		if ascii == "#" {
			continue
		}
		if strings.Trim(ascii, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || numbers == "" {
			t.Errorf("no ASCII, or nothing that looks like it: %q", line)
		}
		for number := range strings.FieldsSeq(numbers) {
			r, err := strconv.ParseInt(number, 16, 32)
			character := string(rune(r))
			if err != nil || isASCII(character) || norm.NFKD.String(character) != character {
				t.Errorf("%s for %s: it needs no line, or is no number: %v", number, ascii, err)
			}
			if other, twice := listed[number]; twice {
				t.Errorf("%s looks like %s and %s", number, other, ascii)
			}
			listed[number] = ascii
		}
	}
	if len(listed) < 500 {
		t.Errorf("%d characters are listed", len(listed))
	}
}
