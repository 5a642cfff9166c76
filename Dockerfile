# The gateway with its packages, llama-server and the starter model in one image. docs/deploy.md tells how to run it.
FROM node:22-bookworm-slim AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 python3-pip \
    && rm -rf /var/lib/apt/lists/*
ENV GATEWAY_CACHE_DIR=/opt/llm-gateway-cache
WORKDIR /opt/llm-gateway
COPY . .
RUN npm run setup

FROM node:22-bookworm-slim
# tini is the init: it collects ended processes and hands signals on. libgomp1 and libcurl4 are llama-server's.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libgomp1 tini \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o node -g node -m 0700 /data
COPY --from=build /opt/llm-gateway-cache /opt/llm-gateway-cache
COPY --from=build /opt/llm-gateway /opt/llm-gateway
ENV HOST=0.0.0.0 PORT=4000 GATEWAY_DATA_DIR=/data GATEWAY_CACHE_DIR=/opt/llm-gateway-cache
WORKDIR /opt/llm-gateway
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--"]
CMD ["npm", "start"]
