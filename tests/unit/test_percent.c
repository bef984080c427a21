/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uri/percent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/tap.h"

static void test_decode(void)
{
	static const struct {
		const char *in, *out;
		int ret;
	} cases[] = {
		{ "", "", 0 },
		{ "abc", "abc", 3 },
		{ "a%2Fb", "a/b", 3 },
		{ "a%2fb", "a/b", 3 },
		{ "a+b", "a+b", 3 },
		{ "%41%42%43", "ABC", 3 },
		{ "%252F", "%2F", 3 },
		{ "%C3%BC", "\xc3\xbc", 2 },
		{ "%ff", "\xff", 1 },
		{ "%", NULL, -EINVAL },
		{ "%4", NULL, -EINVAL },
		{ "a%", NULL, -EINVAL },
		{ "a%4", NULL, -EINVAL },
		{ "%4g", NULL, -EINVAL },
		{ "%g4", NULL, -EINVAL },
		{ "%%41", NULL, -EINVAL },
		{ "%+1", NULL, -EINVAL },
		{ "% 1", NULL, -EINVAL },
		{ "%0x41", NULL, -EINVAL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[16];
		ssize_t ret = percent_decode(cases[i].in, strlen(cases[i].in), out, sizeof(out));

		IS_INT(ret, cases[i].ret, "decode '%s'", cases[i].in);
		if (ret >= 0)
			OK(memcmp(out, cases[i].out, (size_t)ret + 1) == 0,
			   "'%s' becomes '%s' and a NUL", cases[i].in, cases[i].out);
	}
}

static void test_decode_limits(void)
{
	char out[4] = "zzz";
	char same[] = "%41b%43";

	IS_INT(percent_decode("abc", 3, out, 4), 3, "text and NUL fill the room");
	IS_INT(percent_decode("abcd", 4, out, 4), -ENAMETOOLONG, "no room for the NUL");
	IS_INT(percent_decode("%41%41%41%41%41", 15, out, 4), -ENAMETOOLONG,
	       "no room for the text");
	IS_INT(percent_decode("", 0, out, 0), -ENAMETOOLONG, "no room at all");
	IS_INT(percent_decode("%4142", 4, out, 4), 2, "reads only what it is told to");
	IS_STR(out, "A4", "and decodes that");
	IS_INT(percent_decode("%41", 2, out, 4), -EINVAL, "a cut escape is refused");
	IS_INT(percent_decode("a%00b", 5, out, 4), 3, "NUL is decoded");
	OK(memcmp(out, "a\0b", 4) == 0, "and what follows it, too");
	IS_INT(percent_decode(same, strlen(same), same, sizeof(same)), 3, "in place");
	IS_STR(same, "AbC", "in place gives the same");
}

static void test_encode(void)
{
	static const struct {
		const char *in, *whole, *path;
	} cases[] = {
		{ "", "", "" },
		{ "azAZ09-._~", "azAZ09-._~", "azAZ09-._~" },
		{ "dir/a.img", "dir%2Fa.img", "dir/a.img" },
		{ "a b+c%", "a%20b%2Bc%25", "a%20b%2Bc%25" },
		{ "\xc3\xbc\x01\x7f", "%C3%BC%01%7F", "%C3%BC%01%7F" },
		{ "?#[]@!$&'()*,;=:", "%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2C%3B%3D%3A",
		  "%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2C%3B%3D%3A" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *whole = percent_encode(cases[i].in);
		char *path = percent_encode_path(cases[i].in);

		IS_STR(whole, cases[i].whole, "encode '%s'", cases[i].in);
		IS_STR(path, cases[i].path, "encode '%s' as a path", cases[i].in);
		free(whole);
		free(path);
	}
}

static void test_round_trip(void)
{
	char all[256], back[256];
	char *encoded;

	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	encoded = percent_encode(all);
	IS_INT(percent_decode(encoded, strlen(encoded), back, sizeof(back)), 255, "every byte");
	IS_STR(back, all, "comes back");
	free(encoded);
}

static void test_utf8(void)
{
	static const struct {
		const char *text;
		bool valid;
		const char *what;
	} cases[] = {
		{ "", true, "nothing" },
		{ "a\x01\x7f", true, "ASCII" },
		{ "\xc2\x80", true, "U+0080" },
		{ "\xdf\xbf", true, "U+07FF" },
		{ "\xe0\xa0\x80", true, "U+0800" },
		{ "\xed\x9f\xbf", true, "U+D7FF" },
		{ "\xee\x80\x80", true, "U+E000" },
		{ "\xef\xbf\xbf", true, "U+FFFF" },
		{ "\xf0\x90\x80\x80", true, "U+10000" },
		{ "\xf4\x8f\xbf\xbf", true, "U+10FFFF" },
		{ "a\xc3\xbcz\xe2\x82\xac!", true, "a mixture" },
		{ "\x80", false, "a lone continuation" },
		{ "\xbf", false, "a lone continuation" },
		{ "\xc0\xaf", false, "an overlong slash in two bytes" },
		{ "\xc1\xbf", false, "U+007F overlong" },
		{ "\xe0\x80\xaf", false, "an overlong slash in three bytes" },
		{ "\xe0\x9f\xbf", false, "U+07FF overlong" },
		{ "\xf0\x80\x80\xaf", false, "an overlong slash in four bytes" },
		{ "\xf0\x8f\xbf\xbf", false, "U+FFFF overlong" },
		{ "\xed\xa0\x80", false, "U+D800, a surrogate" },
		{ "\xed\xbf\xbf", false, "U+DFFF, a surrogate" },
		{ "\xf4\x90\x80\x80", false, "U+110000" },
		{ "\xf5\x80\x80\x80", false, "a lead byte F5" },
		{ "\xff", false, "a byte FF" },
		{ "\xc3", false, "a cut sequence of two" },
		{ "\xe2\x82", false, "a cut sequence of three" },
		{ "\xf0\x90\x80", false, "a cut sequence of four" },
		{ "\xc3z", false, "a sequence broken by ASCII" },
		{ "\xe2\x82\xc3\xbc", false, "a sequence broken by another" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		IS_INT(utf8_valid(cases[i].text, strlen(cases[i].text)), cases[i].valid,
		       "UTF-8: %s", cases[i].what);
	OK(utf8_valid("a\0b", 3), "UTF-8: NUL inside");
	OK(!utf8_valid("a\0\xff", 3), "UTF-8: a fault behind NUL");
}

int main(void)
{
	test_decode();
	test_decode_limits();
	test_encode();
	test_round_trip();
	test_utf8();
	return tap_end();
}
