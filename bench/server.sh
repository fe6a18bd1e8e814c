# shellcheck shell=bash disable=SC2154
# (`ports` is filled by mapfile.)
# To be sourced: nginx in the role of Twilio for the benchmarks, and an nginx that buys. `start_servers`
# writes $folder/servers.json for the measuring programs; see nginx.sh for the folder.
. bench/nginx.sh

lua_modules() {
  local modules
  modules=$(nginx -V 2>&1 | sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')
  for name in ndk_http_module ngx_http_lua_module; do
    [ ! -e "$modules/$name.so" ] || echo "load_module $modules/$name.so;"
  done
}

# The response to a purchase, as a location: at once, or a number of seconds after the request was read.
at_once() { echo "location / { default_type application/json; return 201 '$(cat bench/answer.json)'; }"; }
after() {
  echo "location / { default_type application/json; content_by_lua_block {
    ngx.req.read_body() ngx.sleep($1) ngx.status = 201 ngx.print([[$(cat bench/answer.json)]]) } }"
}

start_twilio() {
  local h1="ssl" h2="ssl http2; http2_max_concurrent_streams 128"
  start_nginx twilio "$server_core" "
    server { listen 127.0.0.1:${ports[0]} $h1; $(at_once) }
    server { listen 127.0.0.1:${ports[1]} $h2; $(at_once) }
    server { listen 127.0.0.1:${ports[2]} $h1; $(after 0.1) }
    server { listen 127.0.0.1:${ports[3]} $h2; $(after 0.1) }
    server { listen 127.0.0.1:${ports[4]} $h1; keepalive_timeout 0; $(at_once) }
    server { listen 127.0.0.1:${ports[5]} $h2; $(after 0.3) }
    server { listen 127.0.0.1:${ports[6]} $h1; access_log $folder/orders order; $(after 0) }" \
    "$(lua_modules)"
}

# An nginx that buys: see bench/neighbour.lua.
start_host() {
  start_nginx host "$client_core" "
    lua_package_path '$PWD/lua/?.lua;$PWD/lua/?/init.lua;$PWD/bench/contenders/?.lua;;';
    lua_package_cpath '$PWD/build/luajit/?.so;;';
    init_by_lua_block {
      local account = require('account')
      local server = { url = 'https://127.0.0.1:${ports[5]}', ca_file = '$bundle' }
      clients = {
        buy = account.client(server, { max_in_flight = 200 }),
        block = account.client(server, { loop = 'block' }),
      }
      params = account.params
      function answer(body)
        ngx.header.content_length = #body
        ngx.print(body)
      end
    }
    server { listen 127.0.0.1:${ports[7]};
      location = /ok { content_by_lua_block { answer('ok') } }
      location ~ ^/(buy|block)\$ { content_by_lua_block {
        local number, message = clients[ngx.var[1]]:purchase(params)
        answer(number and 'bought' or message) } } }" "$(lua_modules)"
}

start_servers() {
  make_certificate
  mapfile -t ports < <(free_ports 8)
  start_twilio
  start_host
  cat >"$folder/servers.json" <<JSON
{
  "folder": "$folder", "ca_file": "$bundle", "certificate": "$folder/cert.pem",
  "client_core": "$client_core", "server_core": "$server_core",
  "urls": {
    "at once": { "1.1": "https://127.0.0.1:${ports[0]}", "2": "https://127.0.0.1:${ports[1]}" },
    "after 100 ms": { "1.1": "https://127.0.0.1:${ports[2]}", "2": "https://127.0.0.1:${ports[3]}" },
    "closing": { "1.1": "https://127.0.0.1:${ports[4]}" },
    "logging": { "1.1": "https://127.0.0.1:${ports[6]}" }
  },
  "orders": "$folder/orders",
  "host_port": ${ports[7]}
}
JSON
}
