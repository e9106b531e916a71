// Running a plan.
#pragma once

#include "init/context.h"

namespace ocirt {

// Runs the steps in order. Returns only when one has failed, which has then been reported.
void run_plan(Context& context, const Value& plan);

// The steps from `context.step` on: what run_plan does, and a step that goes on in another process.
void run_rest(Context& context);

// Counts the running step as done.
void end_step(Context& context);

// Sends the error to whoever listens now.
void report_error(Context& context, std::string_view op, const Error& error);

}  // namespace ocirt
