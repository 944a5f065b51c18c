# Targets for people who build Chancery.

GO ?= go

.PHONY: build test race bench fuzz clean

build: ## the one binary
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o chancery ./cmd/chancery

test: ## everything CI runs
	@test -z "$$(gofmt -l cmd config connectors deploy internal rules sync)" || { echo "gofmt would change:"; gofmt -l cmd config connectors deploy internal rules sync; exit 1; }
	$(GO) vet ./...
	$(GO) test -timeout 40m ./...

race: ## the rooms with goroutines, under the race detector
	$(GO) test -race -timeout 40m ./sync/... ./connectors/... ./internal/pdf/... ./cmd/...

bench: ## every benchmark once; compare with benchstat
	$(GO) test -run '^$$' -bench . -benchmem -timeout 60m ./...

FUZZTIME ?= 30s
fuzz: ## every fuzz target for $(FUZZTIME)
	@for pkg in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; done

clean:
	rm -f chancery
