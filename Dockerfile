# Three stages: the npm package, its dependencies, and an image with both on a bare Node.
#
# Debian rather than Alpine, because lmdb ships a build for this Node's binary interface only with
# Debian's libc. Node 22 is the newest version that lmdb has such a build for.
ARG NODE=node:22-bookworm-slim

FROM ${NODE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No dependency needs its scripts here, and our own `prepare` would build before sources are copied.
RUN npm ci --ignore-scripts
COPY LICENSE tsconfig.json tsconfig.build.json ./
COPY protos protos
COPY protocol protocol
COPY bridge bridge
COPY server server
COPY client client
COPY cli cli
COPY conformance conformance
COPY scripts scripts
RUN npm run build
# The image contains what `npm pack` selects, so image and package cannot differ.
RUN npm pack --ignore-scripts && mkdir /package && tar -xzf foghorn-*.tgz -C /package --strip-components=1

FROM ${NODE} AS dependencies
WORKDIR /dependencies
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE}
# Directories for sockets, the embedded store and publishers' spools, owned by the image's user. A
# new volume mounted there inherits the owner, and the root file system may then be read-only.
RUN install -d -o 1000 -g 1000 -m 0750 /run/foghorn /var/lib/foghorn /var/spool/foghorn \
    && ln -s /opt/foghorn/dist/cli/main.js /usr/local/bin/foghorn
COPY --from=dependencies /dependencies/node_modules /opt/foghorn/node_modules
COPY --from=build /package /opt/foghorn
# Sockets, and HTTP for the container itself: anyone who reaches a port may publish and read, so
# opening one to a network is a decision.
ENV NODE_ENV=production \
    FOGHORN_ADDRESS=unix:///run/foghorn/foghorn.sock \
    FOGHORN_GRPC=unix:///run/foghorn/foghorn.sock \
    FOGHORN_DOCKER=unix:///run/foghorn/docker.sock \
    FOGHORN_HTTP=127.0.0.1:7878 \
    FOGHORN_STORE=lmdb:/var/lib/foghorn
# Numeric, because a platform that forbids root can check only a number.
USER 1000:1000
STOPSIGNAL SIGTERM
# Healthy while events can be stored: neither the disk is full, nor Redis away, nor a drain begun.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch(`http://${process.env.FOGHORN_HTTP}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Without a shell in between, the broker itself receives signals.
ENTRYPOINT ["foghorn"]
CMD ["serve"]
