--- The option --messaging-service.
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local own_account = require("twilio.numbers.config.own_account")
local service_list = require("twilio.numbers.config.service_list")
local sids = require("twilio.numbers.config.sids")

local messaging_service = {}

--- Checks the SIDs of services. The message does not repeat them: one may be a secret.
---@param services string[]
---@param opaque_sids boolean? the option
---@return string? problem
function messaging_service.problem(services, opaque_sids)
  for _, sid in ipairs(services) do
    if not core.is_sid(sid, "MG", opaque_sids) then
      return "the Messaging Service must be " .. sids.words("MG", opaque_sids)
    end
  end
end

--- Adds the option.
---@param command table argparse's
---@param description string
---@return table option
function messaging_service.add(command, description)
  return command
    :option("--messaging-service", description)
    :count("*")
    :init({})
    :action("append")
    :argname("<MG...>")
end

--- The services, as the option of a purchase.
---@return string[]? sids nil: none
function messaging_service.of(args)
  return args.messaging_service[1] and args.messaging_service
end

--- The error of services that other options exclude. The purchase would find it only after the question.
---@param wanted table see order.lua
---@return nil, string? message, twilio.numbers.Error? err
function messaging_service.check(context, wanted)
  local args, wrong = context.args, {}
  local services = messaging_service.of(args)
  if not services then
    return
  end
  local problem = service_list.problem(services, args.opaque_sids)
  if problem then
    wrong[1] = { name = "messaging_service", message = "--messaging-service " .. problem }
  end
  if not own_account.is_own(context.client.config, args.account_sid) then
    wrong[#wrong + 1] = { name = "account_sid", message = service_list.OTHER_ACCOUNT }
  end
  if wanted.filter and wanted.filter.sms_enabled == false then
    local message = "--no-sms-enabled cannot be used with --messaging-service"
    wrong[#wrong + 1] = { name = "sms_enabled", message = message }
  end
  if wrong[1] then
    return errors.invalid(wrong)
  end
end

return messaging_service
