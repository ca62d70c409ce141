# Three images of one build: `docker build --target gateway|worker|migrate .`
# Nothing here needs BuildKit. For a build that can be repeated give the base by digest:
# --build-arg NODE_IMAGE=node:22-bookworm-slim@sha256:...
ARG NODE_IMAGE=node:22-bookworm-slim

# The manifests alone, so that a change of code installs nothing anew.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /src
ENV CI=true
RUN npm install --global --no-audit --no-fund pnpm@12.21.0
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY shared/package.json shared/
COPY shared/patches shared/patches
COPY migrations/package.json migrations/
COPY worker/package.json worker/
COPY gateway/package.json gateway/
COPY test/package.json test/

# Everything the three programs need, fetched once.
FROM manifests AS packages
RUN pnpm install --frozen-lockfile --pm-on-fail=ignore --prod --ignore-scripts \
      --filter '@voltgate/gateway...' --filter '@voltgate/migrations...'

# And the compiler. Install scripts would bring a second Node.js, and the tests are not built.
FROM packages AS build
RUN pnpm install --frozen-lockfile --pm-on-fail=ignore --ignore-scripts --filter '!@voltgate/test'
COPY tsconfig.json ./
COPY test test
COPY shared shared
COPY migrations migrations
COPY worker worker
COPY gateway gateway
RUN node test/build.ts && find ./*/dist \( -name '*.d.ts' -o -name '*.map' \) -delete

# What one program needs of them, without what only editors and debuggers read. Of the native sockets for every platform
# only those of this one are kept.
FROM packages AS gateway-dependencies
RUN rm -rf node_modules ./*/node_modules \
 && pnpm install --frozen-lockfile --pm-on-fail=ignore --offline --prod --ignore-scripts --filter '@voltgate/gateway...' \
 && find node_modules/.pnpm/uws-pack@* -name 'uws_*.node' \
      ! -name "uws_linux_$(node -p process.arch)_$(node -p process.versions.modules).node" -delete \
 && find node_modules \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete \
 && rm -r shared/patches

FROM packages AS worker-dependencies
RUN rm -rf node_modules ./*/node_modules \
 && pnpm install --frozen-lockfile --pm-on-fail=ignore --offline --prod --ignore-scripts --filter '@voltgate/worker...' \
 && find node_modules \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete \
 && rm -r shared/patches

FROM packages AS migrate-dependencies
RUN rm -rf node_modules ./*/node_modules \
 && pnpm install --frozen-lockfile --pm-on-fail=ignore --offline --prod --ignore-scripts --filter '@voltgate/migrations...' \
 && find node_modules \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete \
 && rm -r shared/patches

# Node.js is process 1 and gets the signals. Nothing is written, and no shell is needed.
FROM ${NODE_IMAGE} AS runtime
WORKDIR /app
ENV NODE_ENV=production
COPY LICENSE package.json ./
USER 1000:1000
ENTRYPOINT ["node"]
STOPSIGNAL SIGTERM
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM runtime AS migrate
LABEL org.opencontainers.image.title="voltgate-migrate" \
      org.opencontainers.image.description="Brings Voltgate's database to the newest schema, and makes API keys"
COPY --from=migrate-dependencies /src/node_modules node_modules
COPY --from=migrate-dependencies /src/shared shared
COPY --from=migrate-dependencies /src/migrations migrations
COPY --from=build /src/shared/dist shared/dist
COPY --from=build /src/migrations/dist migrations/dist
COPY migrations/sql migrations/sql
CMD ["migrations/dist/main.js"]

FROM runtime AS worker
LABEL org.opencontainers.image.title="voltgate-worker" \
      org.opencontainers.image.description="Turns what chargers say into rows in Postgres"
COPY --from=worker-dependencies /src/node_modules node_modules
COPY --from=worker-dependencies /src/shared shared
COPY --from=worker-dependencies /src/worker worker
COPY --from=build /src/shared/dist shared/dist
COPY --from=build /src/worker/dist worker/dist
EXPOSE 9222
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPS_PORT || 9222}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["worker/dist/main.js"]

FROM runtime AS gateway
LABEL org.opencontainers.image.title="voltgate-gateway" \
      org.opencontainers.image.description="Holds the WebSockets of OCPP 1.6-J chargers and serves the API"
COPY --from=gateway-dependencies /src/node_modules node_modules
COPY --from=gateway-dependencies /src/shared shared
COPY --from=gateway-dependencies /src/worker worker
COPY --from=gateway-dependencies /src/gateway gateway
COPY --from=build /src/shared/dist shared/dist
COPY --from=build /src/worker/dist worker/dist
COPY --from=build /src/gateway/dist gateway/dist
EXPOSE 9220 9221 9222
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPS_PORT || 9222}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["gateway/dist/main.js"]
