/*
 * tls_check.c - what can be said of a tls section that OpenSSL takes
 *
 * Runs in the checker: warnings of what clients may not take, and when what is
 * in its files ends.
 */
#include <config.h>

#include "net/tls_check.h"

#include <openssl/x509v3.h>
#include <time.h>

#include "base/log.h"
#include "config/config.h"
#include "net/net.h"
#include "net/pem.h"

/* Who is told, and of what file of which list. */
struct subject {
	const struct pem_blame *blame;
	const struct net_expiries *to;
	struct net_expiry expiry;
};

__attribute__((format(printf, 2, 3))) static void
warn(const struct subject *s, const char *fmt, ...)
{
	const struct config_tls *tls = s->blame->tls;
	char what[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	log_warn("%s:%d: %s %s", tls->file, tls->line, s->expiry.path, what);
}

/* Seconds since 1970; never where there is none. */
static int64_t
seconds_of(const ASN1_TIME *time)
{
	struct tm tm;

	return time && ASN1_TIME_to_tm(time, &tm) == 1 ? timegm(&tm)
						       : INT64_MAX;
}

static void
note_end(struct subject *s, int64_t ends_s, int64_t notice_s)
{
	if (ends_s >= s->expiry.ends_s)
		return;
	s->expiry.ends_s = ends_s;
	s->expiry.warns_s = ends_s - notice_s;
}

static int64_t
notice_of(const struct subject *s)
{
	return s->blame->tls->d.tls_expiry_warning / 1000;
}

/*
 * Lists live for days and are replaced before their time, so one is worth a
 * warning in the last third of its life at the earliest.
 */
static void
note_crl(struct subject *s, const X509_CRL *crl)
{
	int64_t begins_s = seconds_of(X509_CRL_get0_lastUpdate(crl));
	int64_t ends_s = seconds_of(X509_CRL_get0_nextUpdate(crl));
	int64_t third_s = (ends_s - begins_s) / 3;

	note_end(s, ends_s, third_s < notice_of(s) ? third_s : notice_of(s));
}

static void
check_begin(const struct subject *s, const ASN1_TIME *begin)
{
	if (X509_cmp_current_time(begin) > 0)
		warn(s, "is not valid yet: clients will refuse it");
}

/* Whether each certificate but the first has issued the one before it. */
static void
check_chain(const struct subject *s, STACK_OF(X509) * chain)
{
	for (int i = 1; i < sk_X509_num(chain); i++) {
		X509 *below = sk_X509_value(chain, i - 1);
		X509 *above = sk_X509_value(chain, i);

		if (X509_check_issued(above, below) != X509_V_OK ||
		    X509_verify(below, X509_get0_pubkey(above)) != 1)
			warn(s,
			    "is no chain: certificate %d in it has not issued"
			    " the one before it, and clients may refuse that",
			    i + 1);
	}
}

static void
check_certificate(const struct subject *s, STACK_OF(X509) * chain)
{
	X509 *leaf = sk_X509_value(chain, 0);

	check_begin(s, X509_get0_notBefore(leaf));
	check_chain(s, chain);
	if (X509_get_ext_by_NID(leaf, NID_subject_alt_name, -1) < 0)
		warn(s, "has no subjectAltName: most clients look for its name"
			" nowhere else, and will refuse it");
}

static void
look_at_certificates(struct subject *s, const struct config_file *file)
{
	STACK_OF(X509) *all = pem_certificates(file, s->blame);

	for (int i = 0; i < sk_X509_num(all); i++)
		note_end(s,
		    seconds_of(X509_get0_notAfter(sk_X509_value(all, i))),
		    notice_of(s));
	if (all && strcmp(s->expiry.directive, "certificate") == 0)
		check_certificate(s, all);
	sk_X509_pop_free(all, X509_free);
}

static void
look_at_crls(struct subject *s, const struct config_file *file)
{
	STACK_OF(X509_CRL) *all = pem_crls(file, s->blame);

	for (int i = 0; i < sk_X509_CRL_num(all); i++)
		note_crl(s, sk_X509_CRL_value(all, i));
	sk_X509_CRL_pop_free(all, X509_CRL_free);
}

void
tls_check(const struct pem_blame *blame, size_t listener,
    const struct net_expiries *to)
{
	const struct config_tls_directives *d = &blame->tls->d;
	const struct {
		const char *directive;
		const struct config_files *files;
		void (*look)(struct subject *s, const struct config_file *file);
	} lists[] = {
		{ "certificate", &d->certificate, look_at_certificates },
		{ "client_ca", &d->client_ca, look_at_certificates },
		{ "crl", &d->crl, look_at_crls },
	};
	struct subject s = { .blame = blame, .to = to };

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		for (size_t j = 0; j < lists[i].files->n; j++) {
			const struct config_file *file = &lists[i].files->v[j];

			s.expiry = (struct net_expiry){ listener,
				lists[i].directive, file->path, INT64_MAX, 0 };
			lists[i].look(&s, file);
			if (s.expiry.ends_s < INT64_MAX)
				to->tell(to->arg, &s.expiry);
		}
	}
}
