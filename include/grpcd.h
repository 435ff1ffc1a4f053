/*
 * grpcd.h - gRPC services in C
 *
 * A service is a table of functions, one a method.  grpcd calls them when a
 * client does, each with a call: a handle that lives from the request's
 * headers until the service has heard of the call's end.  A function answers at
 * once, or keeps the call and answers later; nothing here ever blocks.
 *
 *	static void
 *	say_hello(struct grpcd_call *call, const Helloworld__HelloRequest *req)
 *	{
 *		Helloworld__HelloReply reply = HELLOWORLD__HELLO_REPLY__INIT;
 *
 *		reply.message = grpcd_printf(call, "Hello %s", req->name);
 *		helloworld_greeter_say_hello_reply(call, &reply);
 *	}
 *
 * The typed functions (..._reply, ..._write) and the table's struct come from
 * protoc-gen-grpcd, which makes NAME.grpcd.h of NAME.proto.
 *
 * Rules that hold everywhere:
 *
 * - All functions of a service run in one thread of one worker process, never
 *   two at a time.  Each worker has its own copy of the service's variables.
 * - What grpcd hands to a service stays grpcd's: a message of a stream until
 *   the function that is given it returns, all else as long as the call.  What
 *   a service hands to grpcd is copied before the function returns.  Memory
 *   from grpcd_alloc() and its kin goes by itself when the call ends.
 * - A handle of a call that has ended is recognised, not followed: to answer
 *   twice or too late does nothing, and returns what says so (false,
 *   GRPCD_GONE, NULL or 0).  Where the service could have known of the end, it
 *   is logged, once a method.
 */
#ifndef GRPCD_H
#define GRPCD_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface; a module built for another is refused. */
#define GRPCD_API 1

#define GRPCD_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* One call of one method.  A handle: compare it, pass it on, no more. */
struct grpcd_call;

/* How a call ended: the codes of gRPC's statuscodes document. */
enum grpcd_status {
	GRPCD_OK = 0,
	GRPCD_CANCELLED = 1,
	GRPCD_UNKNOWN = 2,
	GRPCD_INVALID_ARGUMENT = 3,
	GRPCD_DEADLINE_EXCEEDED = 4,
	GRPCD_NOT_FOUND = 5,
	GRPCD_ALREADY_EXISTS = 6,
	GRPCD_PERMISSION_DENIED = 7,
	GRPCD_RESOURCE_EXHAUSTED = 8,
	GRPCD_FAILED_PRECONDITION = 9,
	GRPCD_ABORTED = 10,
	GRPCD_OUT_OF_RANGE = 11,
	GRPCD_UNIMPLEMENTED = 12,
	GRPCD_INTERNAL = 13,
	GRPCD_UNAVAILABLE = 14,
	GRPCD_DATA_LOSS = 15,
	GRPCD_UNAUTHENTICATED = 16
};

/*
 * Answers
 *
 * Each call ends once: by a reply, by grpcd_finish() or by grpcd_fail(); or
 * without the service, when the client cancels, its deadline passes or its
 * connection is lost.
 */

/* What a writer does next. */
enum grpcd_flow {
	GRPCD_GO,   /* taken: write on */
	GRPCD_WAIT, /* taken: now wait for the event `writable` */
	GRPCD_GONE  /* not taken: the call had ended, or has for this message */
};

/*
 * Sends the one message of a unary or client-streaming method, and status OK.
 * Services call the typed ..._reply made from the .proto instead.
 * False: the call had ended, or has ended now: with INTERNAL for a message of
 * another type, or a method of another kind; with RESOURCE_EXHAUSTED for one
 * larger than max_reply_size or what is left of max_call_memory.
 */
bool grpcd_reply(struct grpcd_call *call, const ProtobufCMessage *message);

/*
 * Sends a message of a server-streaming or bidirectional method.  Services
 * call the typed ..._write instead.  GRPCD_WAIT means that the client reads
 * more slowly than the service writes.  Whoever writes on without waiting is
 * stopped at max_call_memory.  The faults are those of grpcd_reply().
 */
enum grpcd_flow grpcd_write(struct grpcd_call *call,
    const ProtobufCMessage *message);

/*
 * Ends a server-streaming or bidirectional call with OK, after all that was
 * written.  False: it had ended.
 */
bool grpcd_finish(struct grpcd_call *call);

/*
 * Ends any call with a status and a text for the client's programmer: UTF-8, of
 * which clients see some 2,000 bytes.  Messages written before are still sent.
 * The status may be OK only where grpcd_finish() could be called.  False: the
 * call had ended.
 */
bool grpcd_fail(struct grpcd_call *call, enum grpcd_status status,
    const char *fmt, ...) GRPCD_PRINTF(3, 4);

/*
 * Adds a message to the status that grpcd_fail() will send: one of the details
 * of google.rpc.Status, such as google.rpc.BadRequest.  Its type URL is
 * type.googleapis.com/ and the message's full name.  False: the call had ended,
 * or there is no room for it, and it is left out.
 */
bool grpcd_detail(struct grpcd_call *call, const ProtobufCMessage *detail);

/*
 * Says when the client's library may try a call again that grpcd_fail() ends:
 * ms milliseconds from then, or, if that is negative, never.  It is for clients
 * with a retry policy (gRPC's proposal A6); others pass it over.
 */
bool grpcd_push_back(struct grpcd_call *call, int64_t ms);

/*
 * Later
 *
 * A function that returns without an answer keeps the call first.  A call that
 * nobody keeps, and whose client has sent everything, ends with UNKNOWN.
 */
struct grpcd_events {
	/* There is room again after GRPCD_WAIT. */
	void (*writable)(struct grpcd_call *call);
	/* The time given to grpcd_after() has passed. */
	void (*timer)(struct grpcd_call *call);
	/*
	 * The server wants to stop, or the stream has reached max_stream_age:
	 * end politely, ms_left are left for it (INT64_MAX: any number).
	 */
	void (*drain)(struct grpcd_call *call, int64_t ms_left);
	/*
	 * The call has ended, by whomever: exactly once, after the function
	 * that ended it has returned, and the last that is heard of it.  Its
	 * memory goes when this returns.  status is what the client was told.
	 * Of a client that gave up it is what its RST_STREAM stands for, mostly
	 * CANCELLED; of one whose connection is lost, CANCELLED.
	 */
	void (*end)(struct grpcd_call *call, enum grpcd_status status);
};

/*
 * Keeps the call and says whom to tell about it; each function may be NULL, as
 * may events.  data is the service's own, see grpcd_data().  Called again, it
 * replaces both.  events must stay as long as the call.
 */
bool grpcd_keep(struct grpcd_call *call, const struct grpcd_events *events,
    void *data);

/* What grpcd_keep() was given. */
void *grpcd_data(struct grpcd_call *call);

/*
 * Sets the call's one timer, which goes off once, ms milliseconds from now, as
 * the event `timer`; a time set before is replaced, a negative one takes it
 * back.  False: the call has ended, or there is no memory for a timer.
 */
bool grpcd_after(struct grpcd_call *call, int64_t ms);

/*
 * Stops and starts again the delivery of the client's messages, and of its end.
 * While it is stopped, flow control stops the client: no memory grows.
 */
void grpcd_pause(struct grpcd_call *call);
void grpcd_resume(struct grpcd_call *call);

/*
 * Questions
 */

/* Is an answer no use any more: no client, no time, or an end already? */
bool grpcd_cancelled(struct grpcd_call *call);

/* Milliseconds until the deadline, at least 0; INT64_MAX if there is none. */
int64_t grpcd_time_left(struct grpcd_call *call);

/* "/package.Service/Method". */
const char *grpcd_method(struct grpcd_call *call);

/* Who calls, as gRPC writes it: "ipv4:127.0.0.1:40000", "unix:". */
const char *grpcd_peer(struct grpcd_call *call);

/* The :authority that the client asked for, "" if none. */
const char *grpcd_authority(struct grpcd_call *call);

/* How often the client says that it has tried this call before. */
unsigned grpcd_previous_attempts(struct grpcd_call *call);

/*
 * The client's certificate
 *
 * Told only if the listener asks for one (`verify`) and it is good: issued by a
 * CA of `client_ca`, in its time, not revoked, its key in the client's hands.
 * So a service may trust what it reads here; whom it serves is better left to
 * the directive `allow`, which decides before a call reaches it.
 *
 * Each text is found out when it is first asked for, once a connection.  It
 * lasts as long as the call; the first question after the connection has gone
 * has no answer.
 */
enum grpcd_tls_fact {
	GRPCD_TLS_PROTOCOL,    /* "TLSv1.3" */
	GRPCD_TLS_CIPHER,      /* "TLS_AES_128_GCM_SHA256" */
	GRPCD_TLS_SERVER_NAME, /* which the client asked for (SNI) */
	GRPCD_TLS_SUBJECT,     /* as in RFC 4514: "CN=billing,O=Example" */
	GRPCD_TLS_FINGERPRINT  /* SHA-256, 64 digits "0" to "f" */
};

/*
 * NULL: there is none.  No protocol: the connection is not TLS.  No
 * fingerprint: the client has no certificate.  Printable ASCII; of a subject
 * all else is escaped.
 */
const char *grpcd_tls(struct grpcd_call *call, enum grpcd_tls_fact fact);

/* Subject alternative names. */
enum grpcd_tls_kind {
	GRPCD_TLS_URI, /* "spiffe://prod/billing" */
	GRPCD_TLS_DNS,
	GRPCD_TLS_EMAIL,
	GRPCD_TLS_IP /* "192.0.2.7", "2001:db8::7" */
};

/*
 * Name i of a kind, from 0 on; NULL if there are no more.
 *
 *	for (i = 0; (uri = grpcd_tls_name(call, GRPCD_TLS_URI, i)); i++)
 *
 * A name that is not printable ASCII without spaces, quotes and backslashes is
 * left out, and so is what follows the first 256.
 */
const char *grpcd_tls_name(struct grpcd_call *call, enum grpcd_tls_kind kind,
    size_t i);

/*
 * Metadata
 *
 * Keys are lower case.  Values of keys that end in "-bin" are bytes (base64 is
 * done here), all others are printable ASCII.  What belongs to gRPC itself
 * (grpc-*, content-type, te, ...) is neither shown nor taken; user-agent is
 * shown.
 */
struct grpcd_metadata {
	const char *key;
	const char *value; /* ends in a zero byte that len does not count */
	size_t len;
};

/* All of the request's metadata in its order; the number in ret_count. */
const struct grpcd_metadata *grpcd_metadata_all(struct grpcd_call *call,
    size_t *ret_count);

/* The first value of a key, NULL where there is none. */
const char *grpcd_metadata_get(struct grpcd_call *call, const char *key);

/*
 * Adds to what is sent before the first message, or with the status.  False:
 * the key or value is not allowed, all of them would be longer than 32 KiB, or
 * it is too late.
 */
bool grpcd_header(struct grpcd_call *call, const char *key, const void *value,
    size_t len);
bool grpcd_trailer(struct grpcd_call *call, const char *key, const void *value,
    size_t len);

/* Sends the headers now rather than with the first message. */
bool grpcd_send_headers(struct grpcd_call *call);

/*
 * Health
 *
 * What grpc.health.v1.Health, where the config serves that, says of a service:
 * it serves, from the start until the worker begins to drain, unless it says
 * otherwise here.  One that has lost what it needs does so, and says when that
 * is back; clients and load balancers that ask turn elsewhere meanwhile, and
 * whoever calls nevertheless is served as ever.
 *
 * service is its name, "package.Service".  From start() on, from within a call
 * or without one; each worker speaks for itself.  False: no such service is
 * served.
 */
bool grpcd_set_serving(const char *service, bool serving);

/*
 * Compression
 *
 * The client's messages are decompressed before a service sees them.  Those to
 * the client are compressed where the directive `compression` says so.
 */

/*
 * Compresses the messages that are sent from here on, or no longer, whatever
 * the directive says.  What becomes no smaller is sent as it is.  False: it
 * cannot be, since the client takes no encoding that we have, or because the
 * headers have been sent without one: turn it on before them, and off again
 * for the messages that are not worth it.
 */
bool grpcd_compress(struct grpcd_call *call, bool compress);

/* Was the client's message, the newest, compressed? */
bool grpcd_compressed(struct grpcd_call *call);

/*
 * Memory that lives as long as the call
 *
 * Aligned for any type, zeroed.  Never NULL for a call that is alive: one that
 * asks for more than max_call_memory ends with RESOURCE_EXHAUSTED, and what it
 * gets is as good, and stays as long.
 */
void *grpcd_alloc(struct grpcd_call *call, size_t size);
char *grpcd_strdup(struct grpcd_call *call, const char *text);
char *grpcd_printf(struct grpcd_call *call, const char *fmt, ...)
    GRPCD_PRINTF(2, 3);

/*
 * The same, but only until the service's function returns: for what a long
 * stream makes anew for each message, so that its call does not grow.
 */
void *grpcd_scratch(struct grpcd_call *call, size_t size);
char *grpcd_scratch_printf(struct grpcd_call *call, const char *fmt, ...)
    GRPCD_PRINTF(2, 3);

/*
 * The server's log
 */
enum grpcd_level {
	GRPCD_LOG_DEBUG,
	GRPCD_LOG_INFO,
	GRPCD_LOG_NOTICE,
	GRPCD_LOG_WARN,
	GRPCD_LOG_ERROR
};

/*
 * Writes a line of up to 1,023 bytes, with method and peer where call is not
 * NULL.
 */
void grpcd_log(struct grpcd_call *call, enum grpcd_level level, const char *fmt,
    ...) GRPCD_PRINTF(3, 4);

/*
 * Configuration: what may stand in the service's section of grpcd.conf
 *
 *	static struct { const char *greeting; int64_t delay_ms; } conf;
 *
 *	static const struct grpcd_directive directives[] = {
 *		GRPCD_STRING("greeting", &conf.greeting, "Hello",
 *		    "Word before the name."),
 *		GRPCD_TIME("delay", &conf.delay_ms, "0s", 0, 60000,
 *		    "Time before the answer."),
 *		GRPCD_DIRECTIVES_END
 *	};
 *
 * The variables are filled in before check() and start() run, and stay as they
 * are.  A directive whose fallback is NULL must stand in the file.  The names
 * `limits`, `listeners` and `allow` are the server's own in every section.
 */
enum grpcd_type {
	GRPCD_TYPE_END,
	GRPCD_TYPE_STRING, /* const char * */
	GRPCD_TYPE_PATH,   /* const char *, made absolute */
	GRPCD_TYPE_BOOL,   /* bool: on or off */
	GRPCD_TYPE_INT,    /* int64_t */
	GRPCD_TYPE_SIZE,   /* int64_t, bytes: 64k, 4m */
	GRPCD_TYPE_TIME    /* int64_t, milliseconds: 500ms, 30s, 2h */
};

struct grpcd_directive {
	const char *name;
	enum grpcd_type type;
	void *value;
	const char *fallback; /* as one would write it in the file */
	int64_t min, max;     /* of a number; both are allowed */
	const char *help;     /* one line */
};

/* Has the compiler refuse a pointer to the wrong type. */
#ifdef __cplusplus
#define GRPCD_TYPED(type, pointer) (1 ? (pointer) : (type)0)
#else
#define GRPCD_TYPED(type, pointer) \
	_Generic(1 ? (pointer) : (type)0, type : (pointer))
#endif

/* clang-format off */
#define GRPCD_STRING(name, value, fallback, help)                              \
	{ name, GRPCD_TYPE_STRING, GRPCD_TYPED(const char **, value),          \
	  fallback, 0, 0, help }
#define GRPCD_PATH(name, value, fallback, help)                                \
	{ name, GRPCD_TYPE_PATH, GRPCD_TYPED(const char **, value),            \
	  fallback, 0, 0, help }
#define GRPCD_BOOL(name, value, fallback, help)                                \
	{ name, GRPCD_TYPE_BOOL, GRPCD_TYPED(bool *, value), fallback, 0, 1,   \
	  help }
#define GRPCD_INT(name, value, fallback, min, max, help)                       \
	{ name, GRPCD_TYPE_INT, GRPCD_TYPED(int64_t *, value), fallback, min,  \
	  max, help }
#define GRPCD_SIZE(name, value, fallback, min, max, help)                      \
	{ name, GRPCD_TYPE_SIZE, GRPCD_TYPED(int64_t *, value), fallback, min, \
	  max, help }
#define GRPCD_TIME(name, value, fallback, min, max, help)                      \
	{ name, GRPCD_TYPE_TIME, GRPCD_TYPED(int64_t *, value), fallback, min, \
	  max, help }
#define GRPCD_DIRECTIVES_END                                                   \
	{ NULL, GRPCD_TYPE_END, NULL, NULL, 0, 0, NULL }
/* clang-format on */

/*
 * Services and modules
 *
 *	static const struct grpcd_service greeter = {
 *		HELLOWORLD_GREETER(&ops),
 *		.directives = directives,
 *	};
 *
 *	GRPCD_MODULE(&greeter)
 */

/* One method, as protoc-gen-grpcd describes it. */
struct grpcd_method {
	const char *name;
	const ProtobufCMessageDescriptor *input;
	const ProtobufCMessageDescriptor *output;
	bool client_streams;
	bool server_streams;
	/*
	 * Each calls the function of that name in ops.  message is there
	 * always, and alone where the client sends one message.  False: ops
	 * does not have the function; of open, not one of the three.  A call
	 * whose only message, or whose opening, says so ends with
	 * UNIMPLEMENTED.
	 */
	bool (*open)(struct grpcd_call *call, const void *ops);
	bool (*message)(struct grpcd_call *call, const void *ops,
	    const ProtobufCMessage *message);
	bool (*close)(struct grpcd_call *call, const void *ops);
};

/* A service, as protoc-gen-grpcd describes it. */
struct grpcd_descriptor {
	const char *name; /* "helloworld.Greeter" */
	const struct grpcd_method *methods;
	size_t n_methods;
	/* A google.protobuf.FileDescriptorSet: the file and all it imports. */
	const uint8_t *files;
	size_t files_len;
};

struct grpcd_service {
	/* Both from the macro that is named like the service. */
	const struct grpcd_descriptor *descriptor;
	const void *ops;

	/* All that follows may be left out. */
	const struct grpcd_directive *directives;
	/*
	 * Are the values of the directives good together, are their files
	 * there?  Runs in a process of its own at -t, start and reload, before
	 * anything changes.  NULL: they are; else the text of what is wrong,
	 * which must outlast the function.
	 */
	const char *(*check)(void);
	/*
	 * In each worker, before its first call and without privileges.  NULL,
	 * or the text of why this worker cannot start.  At -t, start and reload
	 * it runs in the process of check() first, while the workers before
	 * still serve, and stop() follows at once; all of that must be done
	 * within start_timeout.  No call comes there, so no event either.
	 */
	const char *(*start)(void);
	/* The worker begins to drain; in ms_left the last calls are ended. */
	void (*drain)(int64_t ms_left);
	/* After the last call, before the worker leaves; if it has started. */
	void (*stop)(void);
};

#define GRPCD_MODULE_MAGIC 0x67727063u

struct grpcd_module {
	uint32_t magic;
	uint32_t api;
	const struct grpcd_service *const *services; /* the last is NULL */
};

/* The one symbol that grpcd looks for in a module; the server's own differ. */
#ifndef GRPCD_MODULE_SYMBOL
#define GRPCD_MODULE_SYMBOL grpcd_module
#endif

/* Makes a module of one or more pointers to services. */
#define GRPCD_MODULE(...)                                                     \
	static const struct grpcd_service *const grpcd_services_[] = {        \
		__VA_ARGS__, NULL                                             \
	};                                                                    \
	extern const struct grpcd_module GRPCD_MODULE_SYMBOL                  \
	    __attribute__((visibility("default")));                           \
	const struct grpcd_module GRPCD_MODULE_SYMBOL = { GRPCD_MODULE_MAGIC, \
		GRPCD_API, grpcd_services_ };

#ifdef __cplusplus
}
#endif

#endif /* GRPCD_H */
