-- Certificates, right and wrong ones. On luaossl.
--
--   local authority = certificates.authority()
--   authority:issue()                                    { certificate =, key = } in PEM, for 127.0.0.1
--   authority:issue { from = -2, to = -1 }               expired; in days from now
--   authority:issue { names = { DNS = "example.com" } }  of another host
--   authority.pem                                        its own certificate

local altname = require("openssl.x509.altname")
local bignum = require("openssl.bignum")
local extension = require("openssl.x509.extension")
local name = require("openssl.x509.name")
local pkey = require("openssl.pkey")
local x509 = require("openssl.x509")

local certificates = {}

local DAY = 24 * 60 * 60
local EC = { type = "EC", curve = "prime256v1" }

local serial = 0

local Authority = {}
Authority.__index = Authority

local function new_certificate(common_name, key, from, to)
  local subject, certificate = name.new(), x509.new()
  subject:add("CN", common_name)
  serial = serial + 1
  certificate:setVersion(3)
  certificate:setSerial(bignum.new(serial))
  certificate:setSubject(subject)
  certificate:setLifetime(os.time() + from * DAY, os.time() + to * DAY)
  certificate:setPublicKey(key)
  return certificate
end

---A self-signed authority.
---@param common_name string?
function certificates.authority(common_name)
  local key = pkey.new(EC)
  local certificate = new_certificate(common_name or "An authority", key, -10, 10)
  certificate:setIssuer(certificate:getSubject())
  certificate:setBasicConstraints { CA = true }
  certificate:setBasicConstraintsCritical(true)
  certificate:sign(key)
  return setmetatable({ own = certificate, key = key, pem = certificate:toPEM() }, Authority)
end

---A server's certificate and key.
---@param options { from: number?, to: number?, names: table?, key: table?, usage: string? }?
---@return { certificate: string, key: string } pem
function Authority:issue(options)
  options = options or {}
  local key, names = pkey.new(options.key or EC), altname.new()
  local certificate = new_certificate("a server", key, options.from or -1, options.to or 1)
  for kind, value in pairs(options.names or { IP = "127.0.0.1" }) do
    names:add(kind, value)
  end
  certificate:setSubjectAlt(names)
  certificate:setIssuer(self.own:getSubject())
  certificate:setBasicConstraints { CA = false }
  certificate:addExtension(extension.new("extendedKeyUsage", options.usage or "serverAuth"))
  certificate:sign(self.key)
  return {
    certificate = certificate:toPEM() .. (self.chain or ""),
    key = key:toPEM("private"),
    x509 = certificate,
  }
end

---Its own certificate, for a server.
function Authority:as_server()
  return { certificate = self.pem, key = self.key:toPEM("private") }
end

---An authority by the word of a server's certificate, which may issue nothing.
---@param issued table as issue() returns it
function certificates.usurper(issued)
  local key = pkey.new(issued.key)
  return setmetatable({ own = issued.x509, key = key, chain = issued.certificate }, Authority)
end

return certificates
