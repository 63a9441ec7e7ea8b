#!/usr/bin/env bash
# Makes a development token: a SoftHSM2 token in a folder of its own, with one key pair and a
# certificate that expires in 20 days from a throwaway certification authority.
set -euo pipefail

usage() {
  cat <<'TXT'
usage: softhsm-config/make-token.sh FOLDER [--label LABEL] [--pin PIN] [--key TYPE] [--days DAYS]

  FOLDER         is made; everything stays inside it, and deleting it deletes the token
  --label LABEL  the token's label                         (default: Koshin-Dev)
  --pin PIN      its PIN, 4 to 255 characters              (default: 271828)
  --key TYPE     EC:prime256v1, EC:secp384r1, rsa:2048, …  (default: EC:prime256v1)
  --days DAYS    days until the certificate expires        (default: 20)

environment:
  PKCS11_MODULE  SoftHSM2's library, where it is not in one of the usual places
TXT
}

fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 2
}

folder='' label=Koshin-Dev pin=271828 key=EC:prime256v1 days=20
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --label | --pin | --key | --days)
      [ $# -ge 2 ] || fail "$1 has no value" 'see --help'
      declare "${1#--}=$2"; shift 2 ;;
    -*) fail "unknown option $1" 'see --help' ;;
    *) [ -z "$folder" ] || fail "more than one folder: $folder and $1" 'see --help'
       folder=$1; shift ;;
  esac
done
[ -n "$folder" ] || { usage >&2; exit 2; }
[ ! -e "$folder" ] || fail "$folder is there already" 'name a folder that is not there yet'

for program in softhsm2-util pkcs11-tool openssl; do
  command -v "$program" >/dev/null || fail "$program is missing" 'run: make install'
done
module=${PKCS11_MODULE:-}
for place in /usr/lib/softhsm /usr/lib64/softhsm /usr/lib64/pkcs11 /usr/local/lib/softhsm; do
  [ -n "$module" ] || [ ! -e "$place/libsofthsm2.so" ] || module=$place/libsofthsm2.so
done
[ -n "$module" ] || fail 'libsofthsm2.so is in none of the usual places' 'set PKCS11_MODULE'

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder/tokens"
folder=$(cd "$folder" && pwd)
sed "s|@TOKENS@|$folder/tokens|" "$here/softhsm2.conf" >"$folder/softhsm2.conf"
export SOFTHSM2_CONF=$folder/softhsm2.conf

softhsm2-util --init-token --free --label "$label" --so-pin 12345678 --pin "$pin" >/dev/null
tool() { pkcs11-tool --module "$module" --token-label "$label" --login --pin "$pin" "$@"; }
tool --keypairgen --key-type "$key" --id 01 --label keiri-01 >/dev/null
tool --read-object --type pubkey --id 01 --output-file "$folder/public.der" >/dev/null
openssl pkey -pubin -inform DER -in "$folder/public.der" -out "$folder/public.pem"

# The authority's own text goes to a file: it says only how the work goes on, unless it fails.
{
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$folder/ca.key" -out "$folder/ca.crt" \
    -days 3650 -subj '/C=JP/O=Koshin/CN=Koshin Development CA' \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
  openssl x509 -new -force_pubkey "$folder/public.pem" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" \
    -subj '/C=JP/O=Koshin/CN=keiri-01' -days "$days" -outform DER -out "$folder/keiri-01.der" \
    -extfile <(printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n')
} >"$folder/openssl.log" 2>&1 || { cat "$folder/openssl.log" >&2; exit 1; }
tool --write-object "$folder/keiri-01.der" --type cert --id 01 --label keiri-01 >/dev/null
rm "$folder/public.der" "$folder/public.pem" "$folder/openssl.log"

cat <<TXT
token        $label, PIN $pin
certificate  keiri-01, $days days left, from $folder/ca.crt
module       $module

To use it in this shell:
  export SOFTHSM2_CONF=$folder/softhsm2.conf
TXT
