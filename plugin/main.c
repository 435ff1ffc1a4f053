/*
 * main.c - protoc-gen-grpcd: protoc runs it, with its request on standard input
 *
 * What is wrong with a .proto goes to protoc in the answer, as protoc wants it;
 * what is wrong with the request goes to standard error, with exit status 1.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugin/generate.h"
#include "plugin/request.h"
#include "plugin/scratch.h"
#include "plugin/stream.h"

static const char usage[] =
    "usage: protoc --grpcd_out=[PARAMETER:]DIR FILE.proto ...\n"
    "       protoc-gen-grpcd -V | -h\n"
    "Generates C for the gRPC services of a .proto file; protoc runs it.\n"
    "PARAMETER is messages=yes (default), messages=all, messages=no or "
    "template.\n";

static int
fail(const char *what, const char *why)
{
	fprintf(stderr, "protoc-gen-grpcd: %s: %s\n", what, why);
	return 1;
}

static int
answer(void)
{
	response_proto response =
	    GOOGLE__PROTOBUF__COMPILER__CODE_GENERATOR_RESPONSE__INIT;
	request_proto *request;
	const char *error;
	uint8_t *bytes;
	size_t len;

	bytes = stream_read(stdin, &len);
	if (!bytes)
		return fail("cannot read the request", strerror(errno));
	request = request_parse(bytes, len, &error);
	if (!request)
		return fail("no request of protoc on standard input", error);
	generate(request, &response);
	if (!stream_write(stdout, &response.base))
		return fail("cannot write the answer", strerror(errno));
	return 0;
}

static bool
is_option(const char *arg, const char *brief, const char *name)
{
	return !strcmp(arg, brief) || !strcmp(arg, name);
}

int
main(int argc, char **argv)
{
	int status;

	if (argc == 2 && is_option(argv[1], "-V", "--version")) {
		puts("protoc-gen-grpcd " PACKAGE_VERSION);
		return 0;
	}
	if (argc == 2 && is_option(argv[1], "-h", "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc > 1) {
		fputs(usage, stderr);
		return 1;
	}
	status = answer();
	scratch_release();
	return status;
}
