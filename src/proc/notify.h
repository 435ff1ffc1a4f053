/*
 * notify.h - what the service manager is told about this server
 *
 * systemd's protocol (sd_notify(3)), without its library: datagrams to the
 * socket that NOTIFY_SOCKET names.  Spoken by the master alone, and by no one
 * where no manager listens: then all of this does nothing.  It never blocks.
 * What the manager has no room for waits here until it has; what is newer takes
 * the place of what still waits.
 */
#ifndef PROC_NOTIFY_H
#define PROC_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Takes NOTIFY_SOCKET, WATCHDOG_* and LISTEN_* out of the environment, so that
 * no child gets them, and opens the socket.  Called in main, after title_init.
 * What is wrong with them is logged as a warning.
 */
void notify_init(void);

/* A manager listens. */
bool notify_is_wanted(void);

/* From one beat of the watchdog to the next; 0 if there is none. */
int64_t notify_watchdog_us(void);

/*
 * The server serves, after its start or a reload, be that one done or failed:
 * READY=1, and MAINPID= of the caller, who may have left the foreground.
 * `status` is one line for people in each of these; NULL leaves it as it was.
 */
void notify_ready(const char *status);

/* A reload begins; notify_ready must follow. */
void notify_reloading(const char *status);

/*
 * The server ends, in at most takes_ms: the manager waits longer than it would
 * have, should that be needed.
 */
void notify_stopping(const char *status, int64_t takes_ms);

void notify_status(const char *status);

/* When notify_beat wants to be called (base/clock.h), or CLOCK_NEVER. */
int64_t notify_due_us(void);

/*
 * Feeds the watchdog if it is time and the server is as it should be, and sends
 * again what had to wait.  Not fed, the manager kills the server and starts it
 * again.
 */
void notify_beat(int64_t now_us, bool healthy);

#endif
