/*
 * worker.h - the lives of a worker and of the checker; their contract stands
 * in proc/heritage.h
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "proc/heritage.h"

worker_main_fn worker_main;
checker_main_fn checker_main;

#endif
