# The optional packages are the compiler and the embedded PostgreSQL. The image needs neither: it has the finished build,
# and a container is given a DATABASE_URL.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ormconfig.ts ./
COPY scripts scripts
COPY migrations migrations
COPY src src
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 NPM_CONFIG_UPDATE_NOTIFIER=false
WORKDIR /app
# The files belong to root, because the service writes nothing here.
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY seed seed
USER node
EXPOSE 8000
# Checks readiness rather than liveness: a node that is shutting down or has no database must get no requests. Each
# check starts a Node process, which takes seconds while many nodes start on a small machine; hence the long timeout.
HEALTHCHECK --interval=5s --timeout=10s --start-period=120s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Started without a shell or npm, so that SIGTERM reaches the service.
CMD ["node", "dist/src/main.js"]
