#!/bin/sh
# Creates a certificate authority and one certificate for all servers, once. Usage: certificates.sh FOLDER HOST…
# For tests of TLS, not for production.
set -eu
cd "$1"
shift
[ -s server.crt ] && exit
names=IP:127.0.0.1
for host; do names="$names,DNS:$host"; done
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $key -keyout ca.key -out ca.crt -days 3650 -subj "/CN=Sluice development CA" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign"
openssl req $key -keyout server.key -out server.csr -subj "/CN=nats"
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$names" >extensions
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile extensions -out server.crt
rm server.csr extensions
chmod 644 server.key
