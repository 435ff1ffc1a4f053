/*
 * route_guide.c - the four kinds of methods, and a file that is read at start
 *
 * The places are in a file that the configuration names.  It is read when the
 * configuration is checked, and by each worker when it starts, so a reload
 * brings new places, and a bad file changes nothing.
 */
#include "route_guide.grpcd.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PLACES_MAX 1000
#define NOTES_MAX 1000         /* that are remembered, the latest */
#define EARTH_RADIUS 6371000.0 /* metres */
#define DEGREE (3.14159265358979 / 180)

static struct {
	const char *places;
} conf;

static const struct grpcd_directive directives[] = {
	GRPCD_PATH("places", &conf.places, "places.txt",
	    "File of the places: a latitude, a longitude and a name a line."),
	GRPCD_DIRECTIVES_END,
};

static struct place {
	int32_t latitude, longitude;
	char name[64];
} places[PLACES_MAX];

static size_t n_places;

static struct note {
	int32_t latitude, longitude;
	char text[200];
} notes[NOTES_MAX];

static size_t
    n_notes; /* ever made: the latest is at (n_notes - 1) % NOTES_MAX */

/* A message in a message may be left out, and is all zero then. */
static const Routeguide__Point *
point_or_zero(const Routeguide__Point *point)
{
	static const Routeguide__Point zero = ROUTEGUIDE__POINT__INIT;

	return point ? point : &zero;
}

/*
 * The file of places
 */

static const char *
read_places(FILE *file)
{
	static char error[500];
	struct place *place;
	char line[200];

	n_places = 0;
	for (int number = 1; fgets(line, sizeof(line), file); number++) {
		if (*line == '#' || *line == '\n')
			continue;
		place = &places[n_places];
		if (n_places < PLACES_MAX &&
		    sscanf(line, "%d %d %63[^\n]", &place->latitude,
			&place->longitude, place->name) == 3) {
			n_places++;
			continue;
		}
		snprintf(error, sizeof(error), "%s:%d: %s", conf.places, number,
		    n_places < PLACES_MAX ? "no latitude, longitude and name"
					  : "too many places");
		return error;
	}
	return NULL;
}

static const char *
load_places(void)
{
	static char error[500];
	FILE *file = fopen(conf.places, "r");
	const char *wrong;

	if (!file) {
		snprintf(error, sizeof(error), "%s: %s", conf.places,
		    strerror(errno));
		return error;
	}
	wrong = read_places(file);
	fclose(file);
	return wrong;
}

static struct place *
find_place(const Routeguide__Point *point)
{
	for (size_t i = 0; i < n_places; i++) {
		if (places[i].latitude == point->latitude &&
		    places[i].longitude == point->longitude)
			return &places[i];
	}
	return NULL;
}

/*
 * GetFeature: one message, one answer
 */

static void
get_feature(struct grpcd_call *call, const Routeguide__Point *request)
{
	struct place *place = find_place(request);
	Routeguide__Feature feature = ROUTEGUIDE__FEATURE__INIT;
	Routeguide__Point point = *request;

	feature.location = &point;
	if (place)
		feature.name = place->name;
	routeguide_route_guide_get_feature_reply(call, &feature);
}

/*
 * ListFeatures: one message, many answers, no faster than the client reads
 */

struct listing {
	int32_t south, west, north, east;
	size_t next; /* place to look at */
};

static int32_t
least(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t
most(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static bool
is_within(const struct listing *area, const struct place *place)
{
	return place->latitude >= area->south &&
	       place->latitude <= area->north &&
	       place->longitude >= area->west && place->longitude <= area->east;
}

static enum grpcd_flow
write_place(struct grpcd_call *call, struct place *place)
{
	Routeguide__Feature feature = ROUTEGUIDE__FEATURE__INIT;
	Routeguide__Point point = ROUTEGUIDE__POINT__INIT;

	point.latitude = place->latitude;
	point.longitude = place->longitude;
	feature.location = &point;
	feature.name = place->name;
	return routeguide_route_guide_list_features_write(call, &feature);
}

/* Writes until there is no more room, and goes on when there is again. */
static void
list_on(struct grpcd_call *call)
{
	struct listing *listing = grpcd_data(call);
	struct place *place;

	while (listing->next < n_places) {
		place = &places[listing->next++];
		if (is_within(listing, place) &&
		    write_place(call, place) != GRPCD_GO)
			return;
	}
	grpcd_finish(call);
}

static void
list_features(struct grpcd_call *call, const Routeguide__Rectangle *request)
{
	static const struct grpcd_events events = { .writable = list_on };
	struct listing *listing = grpcd_alloc(call, sizeof(*listing));
	const Routeguide__Point *a = point_or_zero(request->lo);
	const Routeguide__Point *b = point_or_zero(request->hi);

	listing->south = least(a->latitude, b->latitude);
	listing->north = most(a->latitude, b->latitude);
	listing->west = least(a->longitude, b->longitude);
	listing->east = most(a->longitude, b->longitude);
	grpcd_keep(call, &events, listing);
	list_on(call);
}

/*
 * RecordRoute: many messages, one answer
 */

struct route {
	Routeguide__RouteSummary summary;
	Routeguide__Point last;
	double metres;
	time_t start;
};

/* By the haversine formula. */
static double
metres_between(const Routeguide__Point *a, const Routeguide__Point *b)
{
	double lat_a = a->latitude * 1e-7 * DEGREE;
	double lat_b = b->latitude * 1e-7 * DEGREE;
	double lon = ((double)b->longitude - a->longitude) * 1e-7 * DEGREE;
	double up = sin((lat_b - lat_a) / 2), along = sin(lon / 2);
	double half = up * up + cos(lat_a) * cos(lat_b) * along * along;

	return 2 * EARTH_RADIUS * atan2(sqrt(half), sqrt(1 - half));
}

static void
record_open(struct grpcd_call *call)
{
	struct route *route = grpcd_alloc(call, sizeof(*route));

	routeguide__route_summary__init(&route->summary);
	route->start = time(NULL);
	grpcd_keep(call, NULL, route);
}

static void
record_message(struct grpcd_call *call, const Routeguide__Point *message)
{
	struct route *route = grpcd_data(call);

	if (route->summary.point_count++ > 0)
		route->metres += metres_between(&route->last, message);
	route->last = *message;
	route->summary.feature_count += find_place(message) != NULL;
}

static void
record_close(struct grpcd_call *call)
{
	struct route *route = grpcd_data(call);

	route->summary.distance = (int32_t)route->metres;
	route->summary.elapsed_time = (int32_t)(time(NULL) - route->start);
	routeguide_route_guide_record_route_reply(call, &route->summary);
}

/*
 * RouteChat: many messages both ways; the notes are a worker's own
 */

static enum grpcd_flow
write_note(struct grpcd_call *call, struct note *note)
{
	Routeguide__RouteNote answer = ROUTEGUIDE__ROUTE_NOTE__INIT;
	Routeguide__Point point = ROUTEGUIDE__POINT__INIT;

	point.latitude = note->latitude;
	point.longitude = note->longitude;
	answer.location = &point;
	answer.message = note->text;
	return routeguide_route_guide_route_chat_write(call, &answer);
}

static void
add_note(const Routeguide__Point *point, const char *text)
{
	struct note *note = &notes[n_notes++ % NOTES_MAX];

	note->latitude = point->latitude;
	note->longitude = point->longitude;
	strcpy(note->text, text);
}

static void
chat_open(struct grpcd_call *call)
{
	static const struct grpcd_events events = { .writable = grpcd_resume };

	grpcd_keep(call, &events, NULL);
}

/* Who does not read what is answered has to wait with more notes. */
static void
chat_message(struct grpcd_call *call, const Routeguide__RouteNote *message)
{
	const Routeguide__Point *point = point_or_zero(message->location);
	size_t first = n_notes > NOTES_MAX ? n_notes - NOTES_MAX : 0;
	enum grpcd_flow flow = GRPCD_GO;
	struct note *note;

	if (strlen(message->message) >= sizeof(note->text)) {
		grpcd_fail(call, GRPCD_INVALID_ARGUMENT,
		    "a note is shorter than %zu bytes", sizeof(note->text));
		return;
	}
	for (size_t i = first; i < n_notes; i++) {
		note = &notes[i % NOTES_MAX];
		if (note->latitude == point->latitude &&
		    note->longitude == point->longitude)
			flow = write_note(call, note);
	}
	add_note(point, message->message);
	if (flow == GRPCD_WAIT)
		grpcd_pause(call);
}

static void
chat_close(struct grpcd_call *call)
{
	grpcd_finish(call);
}

static const struct routeguide_route_guide_ops ops = {
	.get_feature = get_feature,
	.list_features = list_features,
	.record_route = { record_open, record_message, record_close },
	.route_chat = { chat_open, chat_message, chat_close },
};

static const struct grpcd_service route_guide = {
	ROUTEGUIDE_ROUTE_GUIDE(&ops),
	.directives = directives,
	.check = load_places,
	.start = load_places,
};

GRPCD_MODULE(&route_guide)
