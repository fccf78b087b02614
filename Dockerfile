# Latchkey in a container: docker build -t latchkey . && docker run -p 8080:8080 -v latchkey:/data latchkey
#
# Everything that is kept is in the volume /data: store, data key, audit log, the administrator's
# API key of the first start.

ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="Latchkey" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/build ./build
COPY package.json LICENSE ./
COPY openapi ./openapi
COPY policies ./policies
# A named volume that is mounted here for the first time takes over owner and mode.
RUN install -d -o node -g node -m 0700 /data
ENV NODE_ENV=production \
    LATCHKEY_HOST=0.0.0.0 \
    LATCHKEY_DATA=/data
USER node
VOLUME /data
EXPOSE 8080
# Knows port and TLS from the environment only, as they are best set in a container. The
# certificate is not checked: it names the service as others reach it, not the loopback address.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["node", "-e", "\
  const { LATCHKEY_TLS_CERT: cert, LATCHKEY_TLS_SELF_SIGNED: own } = process.env;\
  const secure = Boolean(cert) || own === 'true';\
  const { get } = require(secure ? 'node:https' : 'node:http');\
  const at = { host: '127.0.0.1', port: process.env.LATCHKEY_PORT || 8080, path: '/health/live', rejectUnauthorized: false };\
  get(at, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1));"]
# The process handles SIGTERM itself: it finishes what runs, writes what is pending, and exits.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "build/src/main.js"]
CMD ["server"]
