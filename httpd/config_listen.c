/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/config_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define UNIX_PREFIX "unix:"

static int parse_unix(const char *path, struct listen_address *address, char *why)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&address->addr;

	if (!*path)
		return config_refuse(why, "unix: needs a path");
	if (strlen(path) >= sizeof(un->sun_path))
		return config_refuse(why, "the path of a unix socket has at most %zu bytes",
				     sizeof(un->sun_path) - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
	address->is_unix = true;
	address->len = sizeof(*un);
	return 0;
}

static int parse_port(const char *text, in_port_t *ret_port, char *why)
{
	unsigned int port = 0;
	size_t digits = strspn(text, "0123456789");

	for (size_t i = 0; i < digits && port <= UINT16_MAX; i++)
		port = port * 10 + (unsigned int)(text[i] - '0');
	if (digits == 0 || text[digits] || port > UINT16_MAX)
		return config_refuse(why, "\"%s\" is not a port", text);
	*ret_port = htons((uint16_t)port);
	return 0;
}

/* No names but localhost: what they resolve to could change, and with it who can reach us. */
static int parse_inet(const char *text, struct listen_address *address, char *why)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address->addr;
	struct sockaddr_in *in = (struct sockaddr_in *)&address->addr;
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t length;

	if (!colon || (text[0] == '[' && colon[-1] != ']'))
		return config_refuse(why, "the port is missing");
	length = (size_t)(colon - text);
	if (length >= sizeof(host))
		return config_refuse(why, "the address is too long");
	memcpy(host, text, length);
	host[length] = '\0';
	if (host[0] == '[') {
		host[length - 1] = '\0';
		if (inet_pton(AF_INET6, host + 1, &in6->sin6_addr) == 1) {
			in6->sin6_family = AF_INET6;
			address->len = sizeof(*in6);
			return parse_port(colon + 1, &in6->sin6_port, why);
		}
	} else if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host,
			     &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		address->len = sizeof(*in);
		return parse_port(colon + 1, &in->sin_port, why);
	}
	return config_refuse(why,
			     "the host must be an IPv4 address, an [IPv6] address or localhost");
}

int config_listen_add(struct config *config, const char *text, char *why)
{
	struct listen_address address = { 0 };
	struct listen_address *grown;
	int r;

	if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
		r = parse_unix(text + strlen(UNIX_PREFIX), &address, why);
	else
		r = parse_inet(text, &address, why);
	if (r < 0)
		return config_refuse_within(why, text);
	grown = reallocarray(config->listen, config->n_listen + 1, sizeof(*grown));
	if (!grown)
		return config_no_memory(why);
	config->listen = grown;
	address.text = strdup(text);
	if (!address.text)
		return config_no_memory(why);
	grown[config->n_listen++] = address;
	return 0;
}

static bool is_loopback(const struct listen_address *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address->addr;
	const struct sockaddr_in *in = (const struct sockaddr_in *)&address->addr;

	if (address->is_unix)
		return true;
	if (address->addr.ss_family == AF_INET)
		return ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return in6->sin6_addr.s6_addr[12] == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

/* Port 0 is another port each time. */
static bool is_any_port(const struct listen_address *address)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&address->addr;

	return !address->is_unix && in->sin_port == 0; /* at the same place in sockaddr_in6 */
}

static bool is_repeated(const struct config *config, size_t index)
{
	const struct listen_address *address = &config->listen[index];

	for (size_t i = 0; i < index && !is_any_port(address); i++) {
		if (memcmp(&config->listen[i].addr, &address->addr, sizeof(address->addr)) == 0)
			return true;
	}
	return false;
}

int config_listen_check(const struct config *config, char *why)
{
	for (size_t i = 0; i < config->n_listen; i++) {
		const struct listen_address *address = &config->listen[i];

		if (is_repeated(config, i))
			return config_refuse(why, "listen: %s is given twice", address->text);
		if (!config->insecure && !is_loopback(address))
			return config_refuse(why,
					     "listen: %s lets everyone in who can reach it; "
					     "that needs --insecure",
					     address->text);
	}
	return 0;
}

void config_listen_clear(struct config *config)
{
	for (size_t i = 0; i < config->n_listen; i++)
		free(config->listen[i].text);
	free(config->listen);
	config->listen = NULL;
	config->n_listen = 0;
}
