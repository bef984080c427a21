/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uri/image_name.h"

#include <errno.h>
#include <string.h>

#include "tests/lib/tap.h"

static void test_good_names(void)
{
	static const char *const names[] = {
		"a",
		"web01.img",
		"dir/a.img",
		"a/b/c/d/e",
		".hidden",
		"...",
		"..a/a../.a.",
		"-a/a-/--",
		"a b",
		"a+b%41",
		"\xc3\xbc/\xe2\x82\xac.raw",
		"a\\b:*?\"<>|",
		".gluster",
		".gluster-image",
		"dir/.gluster-imaged",
		"gluster-imaged",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *why = "untouched";

		IS_INT(image_name_check(names[i], strlen(names[i]), &why), 0, "'%s'", names[i]);
		IS_STR(why, "untouched", "no reason is given for a good name");
	}
}

static void test_bad_names(void)
{
	static const struct {
		const char *name, *word;
	} cases[] = {
		{ "", "is empty" },
		{ "/", "empty piece" },
		{ "/a", "empty piece" },
		{ "a/", "empty piece" },
		{ "a//b", "empty piece" },
		{ ".", "piece '.'" },
		{ "a/./b", "piece '.'" },
		{ "..", "piece '..'" },
		{ "../a", "piece '..'" },
		{ "a/..", "piece '..'" },
		{ "-", "piece '-'" },
		{ "a/-/data", "piece '-'" },
		{ "a/-", "piece '-'" },
		{ "a\tb", "control" },
		{ "a\nb", "control" },
		{ "\x01", "control" },
		{ "\x1f", "control" },
		{ "a\x7f", "control" },
		{ "a\xff", "UTF-8" },
		{ "\xc0\xaf", "UTF-8" },
		{ "\xed\xa0\x80", "UTF-8" },
		{ ".gluster-imaged", "reserved" },
		{ ".gluster-imaged-x", "reserved" },
		{ ".gluster-imaged/upload", "reserved" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = "untouched";

		IS_INT(image_name_check(cases[i].name, strlen(cases[i].name), &why), -EINVAL,
		       "'%s'", cases[i].name);
		OK(strstr(why, cases[i].word), "'%s': the reason '%s' has '%s'", cases[i].name, why,
		   cases[i].word);
	}
}

static void test_lengths(void)
{
	char name[IMAGE_NAME_MAX + 2];
	const char *why = "untouched";

	memset(name, 'a', sizeof(name));
	IS_INT(image_name_check(name, 255, &why), 0, "a piece of 255 bytes");
	IS_INT(image_name_check(name, 256, &why), -EINVAL, "a piece of 256 bytes");
	OK(strstr(why, "255"), "the reason names the limit");
	for (size_t i = 200; i < sizeof(name); i += 200)
		name[i] = '/';
	IS_INT(image_name_check(name, 1024, &why), 0, "a name of 1024 bytes");
	IS_INT(image_name_check(name, 1025, &why), -EINVAL, "a name of 1025 bytes");
	OK(strstr(why, "1024"), "the reason names the limit");
	memset(name, 'a', sizeof(name));
	name[1] = '/';
	IS_INT(image_name_check(name, 257, &why), 0, "a last piece of 255 bytes");
	IS_INT(image_name_check(name, 258, &why), -EINVAL, "a last piece of 256 bytes");

	IS_INT(image_name_check("a\0b", 3, &why), -EINVAL, "NUL inside");
	OK(strstr(why, "control"), "is a control character");
	IS_INT(image_name_check("a\0", 2, &why), -EINVAL, "NUL at the end");
	IS_INT(image_name_check("ab/", 2, &why), 0, "looks at n bytes only");
}

static void test_volume_names(void)
{
	static const char *const good[] = { "a", "vm", "local", "A.b_c-9", "_", "9", "a.", "a-" };
	static const char *const bad[] = { "",	  ".",	 "-",  ".a",	   "-a",
					   "a/b", "a b", "a%", "\xc3\xbc", "a\n" };
	char name[66];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		OK(volume_name_valid(good[i]), "volume '%s'", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		OK(!volume_name_valid(bad[i]), "no volume '%s'", bad[i]);
	memset(name, 'v', sizeof(name));
	name[65] = '\0';
	OK(!volume_name_valid(name), "no volume name of 65 bytes");
	name[64] = '\0';
	OK(volume_name_valid(name), "a volume name of 64 bytes");
}

int main(void)
{
	test_good_names();
	test_bad_names();
	test_lengths();
	test_volume_names();
	return tap_end();
}
