/*
 * fuzz_plugin.c - protoc-gen-grpcd on any request
 */
#include <config.h>

#include "plugin/generate.h"
#include "plugin/request.h"
#include "plugin/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	/* Another one starts protoc-gen-c, which is not ours to test. */
	static char parameters[][16] = { "messages=no", "template" };
	const char *error;

	for (size_t i = 0; i < 2; i++) {
		response_proto response =
		    GOOGLE__PROTOBUF__COMPILER__CODE_GENERATOR_RESPONSE__INIT;
		request_proto *request = request_parse(bytes, len, &error);

		if (request) {
			request->parameter = parameters[i];
			generate(request, &response);
		}
		scratch_release();
	}
	return 0;
}
