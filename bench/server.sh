# To be sourced: nginx as the benchmarks' Twilio, and an nginx that buys. `start_servers` sets `folder`, which
# goes at the end with all that runs, and writes what the measuring programs need to $folder/servers.json.
folder=$(mktemp -d)
chmod 755 "$folder" # for nginx' workers
bundle=$folder/bundle.pem
server_core= client_core=
if [ "$(nproc)" -gt 1 ]; then
  server_core="taskset -c 1" client_core="taskset -c 0"
fi

stop_servers() {
  for file in "$folder"/*.pid; do
    [ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null || true
  done
  for _ in $(seq 50); do # nginx removes the file when it ends
    compgen -G "$folder/*.pid" >/dev/null || break
    sleep 0.05
  done
  rm -rf "$folder"
}

free_ports() { # COUNT
  lua5.4 -e "count = $1" -e 'local kept = {}
    for i = 1, count do
      kept[i] = require("socket").bind("127.0.0.1", 0)
      print((select(2, kept[i]:getsockname())))
    end'
}

# A certificate for 127.0.0.1, and a bundle as large as a real one that has it too.
make_certificate() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
  cat /etc/ssl/certs/ca-certificates.crt "$folder/cert.pem" >"$bundle"
}

lua_modules() {
  local modules
  modules=$(nginx -V 2>&1 | sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')
  for name in ndk_http_module ngx_http_lua_module; do
    [ ! -e "$modules/$name.so" ] || echo "load_module $modules/$name.so;"
  done
}

# start_nginx NAME CORE SERVERS: one worker, TLS 1.3, connections that are kept.
start_nginx() {
  cat >"$folder/$1.conf" <<CONF
$(lua_modules)
pid $folder/$1.pid; error_log $folder/$1.log; worker_processes 1;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 100000000; ssl_protocols TLSv1.3; ssl_session_tickets off;
  log_format order escape=none '\$server_protocol \$http_authorization \$request_body';
  client_body_temp_path $folder; proxy_temp_path $folder; fastcgi_temp_path $folder;
  uwsgi_temp_path $folder; scgi_temp_path $folder;
  ssl_certificate $folder/cert.pem; ssl_certificate_key $folder/key.pem;
  $3
}
CONF
  $2 nginx -c "$folder/$1.conf" -e "$folder/$1.log" 2>"$folder/$1.start" || {
    cat "$folder/$1.start" >&2
    return 1
  }
}

# The answer to a purchase, as a location: at once, or after so many seconds, once the order is read.
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
    server { listen 127.0.0.1:${ports[6]} $h1; access_log $folder/orders order; $(after 0) }"
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
    }
    server { listen 127.0.0.1:${ports[7]};
      location = /ok { content_by_lua_block { ngx.print('ok') } }
      location ~ ^/(buy|block)\$ { content_by_lua_block {
        local number, message = clients[ngx.var[1]]:purchase(params)
        ngx.print(number and 'bought' or message) } } }"
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
