import Core
import Foundation
import Generation
import Metering
import Serving
import Testing

/// The server over real connections, with the shipped model.
@Suite(.serialized) struct ServerTests {
    private static let hello: JSON = [["role": "user", "content": "Hello"]]

    @Test func refusesWhatItCannotHonour() async throws {
        let cases: [(JSONObject, String)] = [
            (["temperature": 3], "temperature"), (["n": 0], "n"), (["stop": [""]], "stop"),
            (["max_tokens": -1], "max_tokens"), (["colour": "red"], "colour"),
            (["logit_bias": ["x": 1]], "logit_bias"), (["messages": []], "messages"),
            (["messages": [["role": "user", "content": 5]]], "messages[0].content"),
            (["response_format": ["type": "json_object"]], "response_format"),
            (["tool_choice": "required"], "tool_choice"),
        ]
        try await TestServer.run { server in
            for (fields, param) in cases {
                var fields = fields
                if fields["messages"] == nil { fields["messages"] = Self.hello }
                let answer = try server.send("POST", "/v1/chat/completions", server.body(fields))
                #expect(answer.status == 400)
                #expect(answer.json?["error"]?["param"] == .string(param))
                #expect(answer.json?["error"]?["type"] == "invalid_request_error")
            }
            try #expect(server.ledger.verify().generations == 0)
        }
    }

    @Test func answersInOpenAIsShapeWhateverThePath() async throws {
        try await TestServer.run { server in
            let cases = [
                ("GET", "/nothing", 404), ("GET", "/v1/completions", 405),
                ("GET", "/v1/models/none", 404), ("GET", "/v1/models/%2", 404),
                ("GET", "/v1/generations/gen-1", 404), ("POST", "/v1/completions", 400),
            ]
            for (method, path, status) in cases {
                let answer = try server.send(method, path)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(answer.json?["error"]?["message"]?.string != nil)
                #expect(answer.header("x-request-id")?.hasPrefix("req-") == true)
            }
            try #expect(server.send("GET", "/healthz").json == ["status": "ok"])
        }
    }

    @Test func refusesLargeAndDeepBodies() async throws {
        try await TestServer.run { server in
            let path = "/v1/completions"
            let large = [UInt8](repeating: 0x20, count: Limits.requestBodyBytes + 1)
            try #expect(server.send("POST", path, bytes: large).status == 413)
            let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
            try #expect(server.send("POST", path, bytes: deep).status == 400)
        }
    }

    @Test func streamsEventsThatEndWithDone() async throws {
        try await TestServer.run { server in
            let answer = try server.send(
                "POST",
                "/v1/completions",
                server.body([
                    "prompt": "Once upon a time", "max_tokens": 4, "temperature": 0,
                    "stream": true, "stream_options": ["include_usage": true],
                ])
            )
            #expect(answer.header("content-type")?.hasPrefix("text/event-stream") == true)
            #expect(answer.events.last == "[DONE]")
            let chunks = answer.events.dropLast().compactMap { try? JSON(parsing: $0) }
            #expect(chunks.count == answer.events.count - 1)
            #expect(chunks.dropLast().allSatisfy { $0["usage"] == .null })
            #expect(chunks.last?["choices"] == [])
            #expect(chunks.last?["usage"]?["completion_tokens"] == 4)
            let id = GenerationID(try #require(answer.header("x-generation-id")))
            let record = try #require(try server.ledger.generation(id, tenant: .local))
            #expect(record.status == .completed && record.outputTokens == 4)
        }
    }

    @Test func refusesAPromptThatDoesNotFit() async throws {
        try await TestServer.run { server in
            let context = server.engine.contextLength
            let prompt = JSON.array(Array(repeating: 5, count: context))
            let answer = try server.send("POST", "/v1/completions", server.body(["prompt": prompt]))
            #expect(answer.status == 400)
            #expect(answer.json?["error"]?["code"] == "context_length_exceeded")
        }
    }

    @Test func stopsWhenTheClientGoesAway() async throws {
        try await TestServer.run { server in
            let body = server.body([
                "prompt": "Once upon a time", "max_tokens": 1500, "temperature": 1, "seed": 1,
                "stream": true,
            ]).bytes()
            var connection: Connection? = try Connection(port: server.port)
            let head =
                "POST /v1/completions HTTP/1.1\r\nhost: test\r\ncontent-length: \(body.count)\r\n\r\n"
            connection?.write(Array(head.utf8) + body)
            let answer = HTTPAnswer(connection?.read() ?? [])
            let id = GenerationID(try #require(answer.header("x-generation-id")))
            connection = nil
            var record = try server.ledger.generation(id, tenant: .local)
            for _ in 0..<500 where record?.status == .open {
                try await Task.sleep(for: .milliseconds(10))
                record = try server.ledger.generation(id, tenant: .local)
            }
            #expect(record?.status == .cancelled)
            try #expect(#require(record).outputTokens < 1400)
        }
    }

    @Test func keepsSilentStreamsOpen() async throws {
        var limits = ServerLimits()
        limits.keepAlive = .milliseconds(2)
        try await TestServer.run(limits) { server in
            // Computing a prompt as long as the context allows takes longer than that.
            let prompt = (0..<server.engine.contextLength - 2).map { JSON.int(10 + $0 % 1000) }
            let body = server.body(["prompt": .array(prompt), "max_tokens": 1, "stream": true])
            let answer = try server.send("POST", "/v1/completions", body)
            #expect(answer.body.contains(": keep-alive\n\n"))
            #expect(answer.events.last == "[DONE]")
        }
    }

    @Test func refusesBodiesThatDoNotArrive() async throws {
        var limits = ServerLimits()
        limits.body = .milliseconds(100)
        limits.unreadBody = .milliseconds(300)
        try await TestServer.run(limits) { server in
            for (path, status) in [("/v1/completions", 408), ("/nothing", 404)] {
                let connection = try Connection(port: server.port)
                let head = "POST \(path) HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\n{"
                connection.write(Array(head.utf8))
                // The server ends the connection by itself.
                #expect(HTTPAnswer(connection.readAll()).status == status)
            }
        }
    }

    @Test func asksForAKeyOnceThereIsOne() async throws {
        try await TestServer.run { server in
            try #expect(server.send("GET", "/v1/models").status == 200)
            let made = try server.ledger.createKey(tenant: TenantID("acme"), name: "test")
            try #expect(server.send("GET", "/v1/models").status == 401)
            let header = "authorization: Bearer \(made.secret)\r\n"
            try #expect(server.send("GET", "/v1/models", headers: header).status == 200)
            try server.ledger.setPrice(
                model: server.model,
                input: NanoDollars(1),
                cachedInput: NanoDollars(1),
                output: NanoDollars(1)
            )
            let body = server.body(["prompt": "a", "max_tokens": 1])
            let answer = try server.send("POST", "/v1/completions", body, headers: header)
            #expect(answer.status == 429)
            #expect(answer.json?["error"]?["type"] == "insufficient_quota")
        }
    }

    @Test func refusesToServeOthersWithoutKeys() async throws {
        try await TestServer.run { server in
            let configuration = ServerConfiguration(
                host: "0.0.0.0",
                port: 0,
                models: [ServedModel(engine: server.engine)],
                ledger: server.ledger
            )
            let error = #expect(throws: ServerError.self) { try Server(configuration) }
            #expect(error?.code == .noKeys)
        }
    }
}
