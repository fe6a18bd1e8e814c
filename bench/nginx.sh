# shellcheck shell=bash disable=SC2034
# (Used by the scripts that source this.) To be sourced: an nginx in the role of Twilio. Sets `folder`, which
# is removed at the end with every nginx in it, `bundle`, which `make_certificate` fills, and `server_core`
# and `client_core`, commands that pin to a core.
folder=$(mktemp -d)
chmod 755 "$folder" # for nginx' workers
bundle=$folder/bundle.pem
PATH=$PATH:/usr/sbin
server_core='' client_core=''
if [ "$(nproc)" -gt 1 ]; then
  server_core="taskset -c 1" client_core="taskset -c 0"
fi

stop_nginx() {
  for file in "$folder"/*.pid; do
    [ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null || true
  done
  for _ in $(seq 50); do # nginx removes the file when it ends
    compgen -G "$folder/*.pid" >/dev/null || break
    sleep 0.05
  done
  rm -rf "$folder"
}
trap stop_nginx EXIT
trap 'exit 130' INT TERM

free_ports() { # COUNT
  lua5.4 -e "count = $1" -e 'local kept = {}
    for i = 1, count do
      kept[i] = require("socket").bind("127.0.0.1", 0)
      print((select(2, kept[i]:getsockname())))
    end'
}

# A certificate for 127.0.0.1, and a bundle of realistic size that includes it.
make_certificate() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
  cat /etc/ssl/certs/ca-certificates.crt "$folder/cert.pem" >"$bundle"
}

# start_nginx NAME CORE SERVERS [MODULES]: one worker, TLS 1.3, kept connections.
start_nginx() {
  cat >"$folder/$1.conf" <<CONF
${4:-}
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
  # shellcheck disable=SC2086 # a command and its arguments
  $2 nginx -c "$folder/$1.conf" -e "$folder/$1.log" 2>"$folder/$1.start" || {
    cat "$folder/$1.start" >&2
    return 1
  }
}
