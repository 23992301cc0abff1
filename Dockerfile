# The mock as a server: amd64 and arm64, any user, read-only root file system.
#
#   docker build -t aicode-mock .
#   docker run --rm -p 127.0.0.1:8484:8484 aicode-mock
#
# It writes to /tmp only; to keep its data, mount /data and name a database there:
#
#   docker run --rm -v aicode-data:/data -p 127.0.0.1:8484:8484 aicode-mock serve --database /data/mock.db

FROM python:3.13-slim AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY constraints.txt ./
RUN ["python", "-m", "venv", "/opt/aicode-mock"]
RUN ["/opt/aicode-mock/bin/pip", "install", "-q", "--only-binary", ":all:", "-r", "constraints.txt"]
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
COPY seed ./seed
COPY openapi ./openapi
RUN ["/opt/aicode-mock/bin/pip", "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", "/dist", "."]
RUN /opt/aicode-mock/bin/pip install -q --no-deps /dist/*.whl \
 && /opt/aicode-mock/bin/pip uninstall -q -y hatchling pathspec pluggy tomlkit trove-classifiers pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="aicode-mock" \
      org.opencontainers.image.description="A self-hosted twin of Cursor's AI Code Tracking API" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/aicode-mock /opt/aicode-mock
RUN ["mkdir", "-m", "1777", "/data"]
ENV PATH="/opt/aicode-mock/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    AICODE_MOCK_HOST=0.0.0.0 \
    AICODE_MOCK_LOG_FORMAT=json
WORKDIR /data
USER 10001:10001
EXPOSE 8484
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 CMD ["aicode-mock", "health"]
ENTRYPOINT ["aicode-mock"]
CMD ["serve"]
