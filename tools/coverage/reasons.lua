-- Why some lines never run in the specs, for tools/coverage/report.lua. A reason applies to a block if one of
-- its texts is in the block's first line or in the one above it, so that there are no line numbers to
-- maintain. Remove an entry once its line is covered.
return {
  {
    reason = "the system has no memory left, no descriptor, no thread or no lock to give",
    ["csrc/pure/response.c"] = { "response->out_of_memory = true", "if (!reserve_body(" },
    ["csrc/io/io_thread.c"] = { "if (!cancelled)", "if (!io_thread)" },
    ["csrc/io/io_thread_loop.c"] = { "pthread_mutex_lock(&io_thread->lock);" },
    ["csrc/http/transfer.c"] = { "if (!transfer)", "tn_transfer_delete(transfer);" },
    ["csrc/http/transfer_result.c"] = { "not enough memory for the answer" },
    ["csrc/http/auth_headers.c"] = { "if (!headers)" },
    ["csrc/io/job.c"] = { "if (!job)", "if (request->body_length > SIZE_MAX" },
    ["csrc/lua/io_thread.c"] = {
      "not enough memory for the exit() and fork() handlers",
    },
    ["csrc/lua/session.c"] = { "not enough memory for a session" },
    ["csrc/io/multi.c"] = {
      "not enough memory",
      "code = CURLE_OUT_OF_MEMORY",
      "tn_transfer_handle(job->transfer) != easy",
      "if (!multi)",
    },
    ["csrc/io/multi_expiry.c"] = { "curl_multi_remove_handle(" },
    ["csrc/io/multi_idle.c"] = { "if (!idle)", "if (!make_room(multi))" },
    ["lua/twilio/simulator/listener.lua"] = { "OUT_OF_DESCRIPTORS_SECONDS" },
  },
  {
    reason = "memory or a stack ends at a place that only `make failures` steps on",
    ["lua/twilio/numbers/async/scheduler.lua"] = { "elseif not compat.is_shortage(why) then" },
    ["lua/twilio/numbers/hosts/custom.lua"] = { "if not scheduler:move_on_patiently() then" },
  },
  {
    reason = "for another libcurl than the one at hand",
    ["csrc/http/easy.c"] = { "if (!guard->is_needed)" },
  },
  {
    reason = "it runs in a child of fork() that ends by _exit(), which writes no counts (fork_spec.lua)",
    ["csrc/io/io_thread.c"] = { "if (tn_io_thread_is_foreign(io_thread))" },
  },
  {
    reason = "a guard: the caller has made sure of it already",
    ["csrc/io/wakeup.c"] = { "if (!wakeup->is_rung)" },
    ["csrc/pure/response.c"] = { "if (i >= length)", "if (!space ||" },
    ["csrc/http/transfer_result.c"] = { "result->outcome = TN_RESPONSE" },
    ["csrc/pure/param_check.c"] = { "case TN_KIND_BOOLEAN:" },
    ["lua/twilio/numbers/config/credentials.lua"] = { "if not chosen then" },
    ["lua/twilio/numbers/async/for_hosts.lua"] = { "core.sleep(left)" },
    ["lua/twilio/numbers/hosts/custom.lua"] = { "sleep(left)" },
    ["lua/twilio/numbers/hosts/init.lua"] = { "if not loop then" },
    ["lua/twilio/numbers/hosts/luv.lua"] = { 'coroutine.status(thread) ~= "suspended"' },
    ["lua/twilio/numbers/hosts/openresty.lua"] = { "a callback of a purchase raised" },
    ["lua/twilio/numbers/hosts/openresty_timers.lua"] = { "a purchase raised" },
  },
  {
    reason = "after Ctrl-C the interpreter has taken the counter's hook away (manage_spec.lua, buy_spec.lua)",
    ["lua/twilio/numbers/command/confirm.lua"] = { "if not read then" },
    ["lua/twilio/numbers/command/init.lua"] = { "if not ran then" },
    ["lua/twilio/numbers/command/interrupt.lua"] = {
      'problem:find("interrupted!", 1, true)',
      "if streams.is_terminal(2) then",
      "local message = doubt or interrupt.MONEY",
    },
  },
  {
    reason = "it takes a moment that no spec can choose",
    is_of_chance = true,
    ["csrc/io/multi.c"] = { "tn_jobs_remove(&multi->queue, job);" },
    ["csrc/io/multi_expiry.c"] = { "tn_jobs_remove(&multi->queue, job);" },
    ["lua/twilio/numbers/hosts/openresty_timers.lua"] = { "ngx.sleep(TRY_EVERY)" },
    ["lua/twilio/numbers/api/slots.lua"] = {
      'reservations.settle(call, one.params.phone_number, "no")',
    },
    ["lua/twilio/numbers/transport/resty.lua"] = { "if called and connected then" },
  },
  {
    reason = "the simulator speaks more of HTTP than the clients of the specs do",
    ["lua/twilio/simulator/h1.lua"] = { "100 Continue", 'option == "keep-alive"' },
    ["lua/twilio/simulator/h2.lua"] = {
      "payload:byte(1)",
      "payload = payload:sub(6)",
      "self.unfinished",
      "stream.window + difference",
      "self.max_frame = value",
      "FLAGS.ACK",
      "return false",
    },
    ["lua/twilio/simulator/h2_answer.lua"] = { "self.changed:wait()" },
    ["lua/twilio/simulator/listener.lua"] = { "socket:clearerr" },
  },
  {
    reason = "for an embedded simulator, or one that reports its own failures",
    ["lua/twilio/simulator/command.lua"] = { 'io.stderr:write("twilio-simulator: "' },
    ["lua/twilio/simulator/server.lua"] = {
      "self.on_error(tostring(message))",
      "self.cq:pollfd()",
      "self.cq:events()",
      "self.cq:timeout()",
    },
    ["lua/twilio/simulator/control.lua"] = {
      "simulator.faults:seed(fields.seed)",
      "no account has this sid",
    },
    ["lua/twilio/simulator/faults.lua"] = { "return nil, problem" },
    ["lua/twilio/simulator/purchase.lua"] = { "return refusal" },
  },
}
