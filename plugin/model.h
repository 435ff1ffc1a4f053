/*
 * model.h - the services of one .proto file, with their names in C
 *
 * Made from a checked request; what prints the code reads nothing else.
 */
#ifndef PLUGIN_MODEL_H
#define PLUGIN_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "plugin/descriptor.h"

struct model_type {
	const char *name;       /* "Helloworld__HelloRequest" */
	const char *descriptor; /* "helloworld__hello_request__descriptor" */
	const char *init;       /* "HELLOWORLD__HELLO_REQUEST__INIT" */
};

struct model_method {
	const char *proto_name; /* "SayHello" */
	const char *comment;    /* "" if there is none */
	const char *member;     /* of the ops: "say_hello" */
	const char *prefix;     /* "helloworld_greeter_say_hello" */
	struct model_type input, output;
	bool client_streams, server_streams, deprecated;
};

struct model_service {
	const char *proto_name; /* "helloworld.Greeter" */
	const char *comment;
	const char *prefix; /* "helloworld_greeter" */
	const char *macro;  /* "HELLOWORLD_GREETER" */
	struct model_method *methods;
	size_t n_methods;
	bool deprecated;
};

struct model {
	const request_proto *request;
	const file_proto *file;
	size_t index;     /* of file in the request */
	const char *stem; /* "helloworld" */
	struct model_service *services;
	size_t n_services;
};

/*
 * The model of the request's file of that index.  NULL, with the reason, if two
 * names of it would be the same in C.
 */
struct model *model_new(const request_proto *request, size_t index,
    const char **ret_error);

#endif
