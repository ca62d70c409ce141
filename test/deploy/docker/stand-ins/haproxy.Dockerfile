# Stands in for the official HAProxy image: user `haproxy`, master-worker with the configuration where that image has it.
FROM voltgate-stand-in/debian:1
RUN apt-get update -q && apt-get install -qy --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /usr/local/etc/haproxy && ln -s /usr/sbin/haproxy /usr/local/sbin/haproxy
USER haproxy
STOPSIGNAL SIGUSR1
CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
