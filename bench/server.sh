# shellcheck shell=bash disable=SC2034,SC2154,SC2086
# (Whoever sources this uses what is set here, and sets what is used; $WRAP and the like are words.)
# To be sourced by the benchmarks: a folder that goes at the end, a certificate that a bundle as large
# as a real one has too, and nginx, pinned to the second core. Sets folder, bundle, account, authorization, path.
folder=$(mktemp -d)
chmod 755 "$folder" # for nginx' workers
bundle=$folder/bundle.pem
stop_server() { for pid in "$folder"/*.pid; do kill "$(cat "$pid")" 2>/dev/null; done; sleep 0.1; rm -rf "$folder"; }
trap stop_server EXIT
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
cat /etc/ssl/certs/ca-certificates.crt "$folder/cert.pem" >"$bundle"
lua5.4 bench/body.lua >"$folder/body.json"

free_port() { lua5.4 -e 's = require("socket").bind("127.0.0.1", 0) print((select(2, s:getsockname())))'; }

# start_nginx NAME SERVERS [MAIN]: one worker; what stands in a location to answer is $answer.
answer="default_type application/json; return 201 '$(cat "$folder/body.json")';"
start_nginx() {
  cat >"$folder/$1.conf" <<CONF
${3:-}
pid $folder/$1.pid; error_log $folder/$1.log; worker_processes 1;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; ssl_protocols TLSv1.3; ssl_session_tickets off;
  client_body_temp_path $folder; proxy_temp_path $folder; fastcgi_temp_path $folder;
  uwsgi_temp_path $folder; scgi_temp_path $folder;
  ssl_certificate $folder/cert.pem; ssl_certificate_key $folder/key.pem;
  $2
}
CONF
  $server_core /usr/sbin/nginx -c "$folder/$1.conf" 2>>"$folder/$1.start" || { cat "$folder/$1.start"; exit 1; }
}
server_core="taskset -c 1" client_core="taskset -c 0"

account=AC$(printf '0%.0s' {1..32})
authorization="Basic $(printf '%s:%s' "$account" "$(printf '1%.0s' {1..32})" | base64 -w0)"
path=/2010-04-01/Accounts/$account/IncomingPhoneNumbers.json

# lua_for BUILD COMMAND...: runs it for one of the builds, on the client's core; $WRAP goes before the interpreter.
lua_for() {
  local build=$1 interpreter=lua$1
  [ "$build" = luajit ] && interpreter=luajit
  shift
  LUA_PATH='./lua/?.lua;./lua/?/init.lua;;' LUA_CPATH="./${BUILD:-build}/$build/?.so;;" $client_core ${WRAP:-} "$interpreter" "$@"
}

# Rounds are lines with a figure for each of the contenders. with_ratios adds their ratios to the first;
# show_rounds FILE prints the median and the quartiles of both.
with_ratios() { awk '{printf "%s", $0; for (i = 1; i <= NF; i++) printf " %.4f", $i / $1; print ""}'; }
quartiles() { awk -v c="$1" '{print $c}' "$2" | sort -g | awk '{v[NR]=$1} END {printf "%.2f [%.2f..%.2f]", v[int((NR+1)/2)], v[int((NR+3)/4)], v[int((3*NR+3)/4)]}'; }
show_rounds() {
  for i in "${!contenders[@]}"; do
    printf '  %-12s %s us  %s x\n' "${contenders[i]}" "$(quartiles $((i + 1)) "$1")" "$(quartiles $((i + 1 + ${#contenders[@]})) "$1")"
  done
}

# For nginx' Lua module, as Debian installs it: the directives, and a location that answers after so many seconds.
lua_module="load_module /usr/lib/nginx/modules/ndk_http_module.so; load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;"
location_after() {
  echo "location / { default_type application/json; content_by_lua_block {
    ngx.req.read_body() ngx.sleep($1) ngx.status = 201 ngx.print([[$(cat "$folder/body.json")]]) } }"
}
