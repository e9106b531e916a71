// Running a plan.
#pragma once

#include "init/context.h"

namespace ocirt {

// Runs the steps in order. Returns only when one has failed, which has then been reported.
void run_plan(Context& context, const Value& plan);

// Sends the error to whoever listens now.
void report_error(Context& context, std::string_view op, const Error& error);

}  // namespace ocirt
