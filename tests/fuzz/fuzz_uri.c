/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "uri/gluster_uri.h"
#include "uri/image_name.h"

static void require_sound(const struct gluster_uri *uri)
{
	const char *why;

	REQUIRE(uri->n_servers >= 1 && uri->n_servers <= GLUSTER_SERVERS_MAX);
	REQUIRE(uri->transport != GLUSTER_UNIX || uri->n_servers == 1);
	for (size_t i = 0; i < uri->n_servers; i++) {
		const char *host = uri->servers[i].host;

		REQUIRE(uri->transport == GLUSTER_UNIX ? host[0] == '/' : !strpbrk(host, "[],/"));
		REQUIRE(host[0]);
	}
	REQUIRE(uri->volume[0]);
	REQUIRE(!uri->image || image_name_check(uri->image, strlen(uri->image), &why) == 0);
}

static void require_equal(const struct gluster_uri *a, const struct gluster_uri *b)
{
	REQUIRE(gluster_uri_same_volume(a, b) && gluster_uri_same_volume(b, a));
	for (size_t i = 0; i < a->n_servers; i++) {
		REQUIRE(strcmp(a->servers[i].host, b->servers[i].host) == 0);
		REQUIRE(a->servers[i].port == b->servers[i].port);
	}
	REQUIRE(a->image ? b->image && strcmp(a->image, b->image) == 0 : !b->image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct gluster_uri_error error = { 0, NULL };
	struct gluster_uri uri, again;
	const char *why;
	char *normal, *twice;

	if (gluster_uri_parse(text, &uri, &error) < 0) {
		REQUIRE(error.reason && error.position <= strlen(text));
		free(text);
		return 0;
	}
	require_sound(&uri);
	normal = gluster_uri_format(&uri);
	REQUIRE(normal && gluster_uri_parse(normal, &again, &error) == 0);
	require_equal(&uri, &again);
	twice = gluster_uri_format(&again);
	REQUIRE(twice && strcmp(normal, twice) == 0);
	REQUIRE(gluster_uri_merge(&again, &uri, &why) == 0);
	require_equal(&again, &uri);
	gluster_uri_clear(&uri);
	gluster_uri_clear(&again);
	free(normal);
	free(twice);
	free(text);
	return 0;
}
