-- A certificate authority and a server certificate for the names of this machine, created at start.
-- On luaossl.

local bignum = require("openssl.bignum")
local pkey = require("openssl.pkey")
local rand = require("openssl.rand")
local context = require("openssl.ssl.context")
local x509 = require("openssl.x509")
local altname = require("openssl.x509.altname")
local extension = require("openssl.x509.extension")
local name = require("openssl.x509.name")

local tls = {}

local DAY = 24 * 60 * 60

local function new_key()
  return pkey.new { type = "EC", curve = "prime256v1" }
end

local function new_certificate(common_name, key)
  local subject = name.new()
  subject:add("CN", common_name)
  local certificate = x509.new()
  certificate:setVersion(3)
  certificate:setSerial(bignum.fromBinary(rand.bytes(16)))
  certificate:setSubject(subject)
  certificate:setLifetime(os.time() - DAY, os.time() + 365 * DAY)
  certificate:setPublicKey(key)
  certificate:addExtension(extension.new("subjectKeyIdentifier", "hash", { subject = certificate }))
  return certificate
end

local function new_authority()
  local key = new_key()
  local certificate = new_certificate("twilio-simulator CA", key)
  certificate:setIssuer(certificate:getSubject())
  certificate:setBasicConstraints { CA = true }
  certificate:setBasicConstraintsCritical(true)
  certificate:addExtension(extension.new("keyUsage", "critical,keyCertSign,cRLSign"))
  certificate:sign(key)
  return certificate, key
end

local function new_server_certificate(authority, authority_key)
  local key = new_key()
  local certificate = new_certificate("localhost", key)
  local names = altname.new()
  names:add("DNS", "localhost")
  names:add("IP", "127.0.0.1")
  names:add("IP", "::1")
  certificate:setSubjectAlt(names)
  certificate:setIssuer(authority:getSubject())
  certificate:setBasicConstraints { CA = false }
  certificate:addExtension(extension.new("authorityKeyIdentifier", "keyid", { issuer = authority }))
  certificate:addExtension(extension.new("extendedKeyUsage", "serverAuth"))
  certificate:sign(authority_key)
  return certificate, key
end

local function prefer_h2(_, protocols)
  local offered = {}
  for _, protocol in ipairs(protocols) do
    offered[protocol] = true
  end
  return offered.h2 and "h2" or offered["http/1.1"] and "http/1.1" or nil
end

---Creates a context for a server, and the CA of its certificate.
---@return table context, string authority_in_pem
function tls.new()
  local authority, authority_key = new_authority()
  local certificate, key = new_server_certificate(authority, authority_key)
  local ctx = context.new("TLS", true)
  ctx:setCertificate(certificate)
  ctx:setPrivateKey(key)
  ctx:setAlpnSelect(prefer_h2)
  return ctx, authority:toPEM()
end

return tls
