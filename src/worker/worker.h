/*
 * worker.h - the lives of a worker and of the checker; see proc/heritage.h for the contract
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "proc/heritage.h"

worker_main_fn worker_main;
checker_main_fn checker_main;

#endif
